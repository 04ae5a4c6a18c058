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
 */
export const smsFromEnvironment = (env: Record<string, string | undefined>): SmsAccounts => {
  const accounts: SmsAccounts = {}
  for (const [name, { required, optional = [] }] of Object.entries(providers)) {
    const keys: Keys = {}
    for (const key of [...required, ...optional]) {
      const value = env[variable(name, key)] || env[variable(name, key).slice('GOTRUE_'.length)]
      if (value) keys[key] = value
    }
    if (Object.keys(keys).length > 0) accounts[name] = keys
  }
  return accounts
}

/** The variables that an account lacks. */
export const missingKeys = (accounts: SmsAccounts, name: string): string[] =>
  (providers[name]?.required ?? [])
    .filter((key) => !accounts[name]?.[key])
    .map((key) => variable(name, key))

const variable = (name: string, key: string): string => `GOTRUE_SMS_${name.toUpperCase()}_${key}`
