// The companies that send SMS, and what the environment says of our accounts there.
//
// Exports providers, SmsAccounts, smsFromEnvironment() and missingKeys().

import { messagebird } from './messagebird.ts'
import type { Keys, Provider } from './provider.ts'
import { textlocal } from './textlocal.ts'
import { twilio } from './twilio.ts'
import { vonage } from './vonage.ts'

/** By the values of the setting sms_provider. */
export const providers: Record<string, Provider> = { twilio, messagebird, vonage, textlocal }

/** The keys of each account by its provider's name, possibly not all that it needs. */
export type SmsAccounts = Record<string, Keys>

/**
 * The accounts as GoTrue's variables name them, with or without their prefix:
 * GOTRUE_SMS_TWILIO_ACCOUNT_SID. An empty variable counts as missing.
 *
 * @throws Error that lists a provider's keys that do not exist, and those that the account of
 *   GOTRUE_SMS_PROVIDER lacks, if that is set here as well
 */
export const smsFromEnvironment = (env: Record<string, string | undefined>): SmsAccounts => {
  const accounts: SmsAccounts = {}
  const faults: string[] = []
  for (const [name, { required, optional = [] }] of Object.entries(providers)) {
    const keys: Keys = {}
    const known = [...required, ...optional]
    for (const key of known) {
      const value = env[variable(name, key)] || env[variable(name, key).slice('GOTRUE_'.length)]
      if (value) keys[key] = value
    }
    if (Object.keys(keys).length > 0) accounts[name] = keys
    const mistyped = Object.keys(env)
      .filter((given) => given.startsWith(variable(name, '')) && !given.includes('TWILIO_VERIFY_'))
      .filter((given) => !known.some((key) => given === variable(name, key)))
    faults.push(...mistyped.map((given) => `${given}: the keys of ${name} are ${known.join(', ')}`))
  }
  const chosen = env.GOTRUE_SMS_PROVIDER
  const missing = missingKeys(accounts, chosen ?? '')
  if (missing.length > 0) faults.push(`GOTRUE_SMS_PROVIDER=${chosen} needs ${missing.join(', ')}`)
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return accounts
}

/** The variables that an account lacks. */
export const missingKeys = (accounts: SmsAccounts, name: string): string[] =>
  (providers[name]?.required ?? [])
    .filter((key) => !accounts[name]?.[key])
    .map((key) => variable(name, key))

const variable = (name: string, key: string): string => `GOTRUE_SMS_${name.toUpperCase()}_${key}`
