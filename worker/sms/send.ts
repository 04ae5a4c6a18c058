// Sends an SMS by the company that the settings name.
//
// Exports SmsOptions, SendSms and openSms().

import type { Logger } from 'pino'
import { type Failure, reasonOf } from '../failure.ts'
import { missingKeys, providers, type SmsAccounts } from './accounts.ts'
import type { Answer, Keys, Sms } from './provider.ts'

export type SmsOptions = {
  accounts: SmsAccounts
  /** Where the API is, instead of the provider's own place. For tests. */
  url?: string
}

export type SendSms = ReturnType<typeof openSms>

// Milliseconds.
const timeLimit = 10_000

/**
 * @returns a function that sends by the provider of this name, and rejects with a Failure that
 *   tells neither the number nor the code nor a key
 */
export const openSms = ({ accounts, url }: SmsOptions, log: Logger) => {
  for (const name of Object.keys(accounts)) {
    const missing = missingKeys(accounts, name)
    if (missing.length > 0)
      log.error({ provider: name, missing }, 'cannot send SMS by this account')
  }

  return async (name: string, sms: Sms, signal: AbortSignal): Promise<void> => {
    const provider = providers[name]
    if (!provider) throw failure(`sms_provider is "${name}", by which nobody sends`, true)
    const missing = missingKeys(accounts, name)
    if (missing.length > 0) throw failure(`${name}: the worker lacks ${missing.join(', ')}`, true)
    if (!provider.channels.includes(sms.channel)) {
      throw failure(`${name} does not send by ${sms.channel}`, false)
    }

    const keys = accounts[name] ?? {}
    const { path, headers, form } = provider.request(keys, sms)
    const { status, answer } = await post(`${url ?? provider.url}${path}`, headers, form, signal)
    const refusal = provider.refusal(status, answer)
    if (refusal) throw failure(`${name}, ${withoutKeys(refusal.reason, keys)}`, refusal.passes)
  }
}

const post = async (
  url: string,
  headers: Record<string, string> | undefined,
  form: Record<string, string>,
  signal: AbortSignal,
): Promise<{ status: number; answer: Answer }> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', ...headers },
      body: new URLSearchParams(form),
      // Whoever is sent elsewhere would take the keys along.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]),
    })
    return { status: response.status, answer: read(await response.text()) }
  } catch (error) {
    // fetch says only that it failed; why is in the cause. A time-out has none.
    throw failure(reasonOf((error as Error).cause ?? error), true)
  }
}

const read = (text: string): Answer => {
  try {
    return Object(JSON.parse(text)) as Answer
  } catch {
    return {}
  }
}

const failure = (reason: string, passes: boolean): Failure =>
  Object.assign(new Error(reason), { final: !passes })

/** What is quoted of our keys and, however it is written, of a number. */
const withoutKeys = (reason: string, keys: Keys): string =>
  Object.values(keys)
    .filter((key) => key.length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, key) => rest.replaceAll(key, '…'), reason)
    .replace(/\+?\d[\d\s().-]{5,}\d/g, '…')
