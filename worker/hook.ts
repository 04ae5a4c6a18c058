// Calls the hooks send_email and send_sms where they are at a URL, signed as Standard Webhooks
// (https://www.standardwebhooks.com) has it.
//
// Exports HookTarget and callHook(). Of an answer only what it decides is kept.

import { Webhook } from 'standardwebhooks'
import { type Failure, reasonOf } from './failure.ts'

/** Where a hook is, and the secrets that sign its calls: v1,whsec_<base64>, separated by |. */
export type HookTarget = { uri: string; secrets: string }

// Milliseconds, for connecting, sending and reading together.
const timeLimit = 5_000
// Bytes.
const sizeLimit = 204_800

/**
 * Posts this body to the hook, and returns once it has taken it.
 *
 * Statuses that say something about this call and not about the hook's health end the attempts:
 * 400, 413, 422, an answer in the 200s that is not as it should be (the hook may have done its
 * work, and must not do it thirty times), and an error of the hook's own with an http_code of
 * 400 to 499 but for 408, 425 and 429.
 *
 * @param id the same at every attempt, so that the hook can tell a repetition
 * @throws Failure with the words of GoTrue where there are any
 */
export const callHook = async (
  name: string,
  { uri, secrets }: HookTarget,
  id: string,
  payload: object,
  signal: AbortSignal,
): Promise<void> => {
  if (!/^https?:/.test(uri)) throw failure(`hook_${name}_uri is no URL any more`, true)
  const body = JSON.stringify(payload)
  const now = new Date()
  const headers = {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signatures(name, secrets, id, now, body),
  }

  const limit = AbortSignal.timeout(timeLimit)
  try {
    const response = await fetch(uri, {
      method: 'POST',
      headers,
      body,
      // The signature is for this address only.
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    })
    await judge(response)
  } catch (error) {
    if ((error as Failure).final !== undefined) throw error
    if (limit.aborted) {
      throw failure('Failed to reach hook within maximum time of 5.000000 seconds', true)
    }
    // fetch says only that it failed; why is in the cause.
    throw failure(`Failed to reach hook: ${reasonOf((error as Error).cause ?? error)}`, true)
  }
}

const signatures = (name: string, secrets: string, id: string, at: Date, body: string): string => {
  if (secrets === '') throw failure(`hook_${name}_secrets is empty: nothing signs the call`, true)
  try {
    return secrets
      .split('|')
      .map((secret) => new Webhook(secret.replace(/^v1,/, '')).sign(id, at, body))
      .join(' ')
  } catch {
    throw failure(`hook_${name}_secrets is not base64 after v1,whsec_`, true)
  }
}

const judge = async (response: Response): Promise<void> => {
  const { status } = response
  if (status === 204) return
  if (status !== 200 && status !== 202) {
    await response.body?.cancel()
    const passes = ![400, 413, 422].includes(status) && status >= 300
    throw failure(said[status] ?? `Unexpected status code returned from hook: ${status}`, passes)
  }

  const type = response.headers.get('content-type')
  if (!type) throw failure('Invalid Content-Type: Missing Content-Type header', false)
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw failure('Invalid JSON response: the content type is another', false)
  }
  const { http_code: code, message } = errorIn(await read(response))
  if (typeof message === 'string' && message !== '') {
    const decided = Number(code) >= 400 && Number(code) < 500
    throw failure(`the hook: ${message}`, !decided || [408, 425, 429].includes(Number(code)))
  }
}

const said: Record<number, string> = {
  400: 'Invalid payload sent to hook',
  401: 'Hook requires authorization token',
  429: 'Service currently unavailable due to hook',
  503: 'Service currently unavailable due to hook',
}

const read = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > sizeLimit) {
      throw failure(`Payload size exceeded size limit of ${sizeLimit} bytes`, false)
    }
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

const errorIn = (text: string): { http_code?: unknown; message?: unknown } => {
  try {
    return Object((Object(JSON.parse(text)) as { error?: object }).error)
  } catch {
    throw failure('Error unmarshaling JSON output.', false)
  }
}

const failure = (reason: string, passes: boolean): Failure =>
  Object.assign(new Error(reason), { final: !passes })
