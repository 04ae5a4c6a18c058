// Why a mail or an SMS was not sent: whether another attempt may help, and what may be told of it.
//
// Exports isPermanent(), describe(), reasonOf(), withoutSecrets() and noTemplate().

import type { Mail } from './outbox.ts'

/** What nodemailer puts on its errors, and we on our own. */
export type Failure = Error & {
  /** Of our own: whether no attempt mends it. nodemailer's `permanent` is about any 5xx. */
  final?: boolean
  code?: string
  command?: string
  response?: string
  responseCode?: number
}

/** The failure of a mail whose kind has no template, which no attempt mends. */
export const noTemplate = (kind: string): Failure =>
  Object.assign(new Error(`there is no template for ${kind}`), { code: 'ENOTEMPLATE' })

/**
 * Whether the same mail would fail for ever: the server refused the recipient or the content with
 * a 5xx (RFC 5321, section 4.2.1), or the address can't be written. A 5xx at any other step is
 * about our login or the sender, which a person can put right while the mail waits.
 */
export const isPermanent = (failure: Failure): boolean => {
  const { code, command, final, message, responseCode = 0 } = failure
  if (final !== undefined) return final
  if (code === 'ENOTEMPLATE') return true
  if (command === 'RCPT TO' || command === 'DATA') return responseCode >= 500
  return code === 'EENVELOPE' && /recipient/i.test(message)
}

/** A failure for the log and the table: where it happened and what the server said. */
export const describe = ({ code, command, response, message }: Failure, mail: Mail): string =>
  withoutSecrets([code, command, response || message].filter(Boolean).join(', '), mail)

/** What to log of any other failure. Where several addresses refused, there is but a code. */
export const reasonOf = (error: unknown): string => {
  const { message, code } = error as Failure
  return message || code || String(error)
}

/** Servers quote what they refuse, links included; neither those nor addresses are kept. */
export const withoutSecrets = (text: string, mail: Mail): string =>
  [mail.recipient, ...(mail.channel === 'hook' ? ofHook(mail) : Object.values(mail.variables))]
    .filter((value) => typeof value === 'string' && value.length > 3)
    .sort((a, b) => String(b).length - String(a).length)
    .reduce<string>((rest, secret) => rest.replaceAll(String(secret), '…'), text)
    .replace(/\s+/g, ' ')
    .slice(0, 300)

const secret =
  /^(token|token_hash|token_new|token_hash_new|otp|redirect_to|(old_|new_)?(email|phone))$/

/** What of a hook's body is secret: codes, hashes of links, addresses. */
const ofHook = ({ variables }: Mail): unknown[] =>
  [variables.user, variables.email_data, variables.sms].flatMap((part) =>
    Object.entries(Object(part) as object)
      .filter(([key]) => secret.test(key))
      .map(([, value]) => value),
  )
