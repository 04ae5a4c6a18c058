// What the worker is told by the environment.
//
//   DATABASE_URL or WORKER_DATABASE_URL   a login as auth_worker; the latter wins
//   SMTP_HOST, SMTP_PORT, …               the mail server, also as GOTRUE_SMTP_…
//   GOTRUE_SMS_TWILIO_ACCOUNT_SID, …      who sends SMS: see sms/accounts.ts
//   LOG_LEVEL                             trace, debug, info, warn, error or fatal; info if not set
//
// Exports workerFromEnvironment().

import { databaseUrl, type Environment, logLevel, openReader } from '../start/environment.ts'
import { smsFromEnvironment } from './sms/accounts.ts'
import { smtpFromEnvironment, type SmtpOptions } from './smtp.ts'

/** @throws one error that tells all faults, each with what is allowed */
export const workerFromEnvironment = (env: Environment) => {
  const { attempt, refuse } = openReader()
  const url = attempt(() => {
    const given = databaseUrl(env, 'WORKER_DATABASE_URL', 'DATABASE_URL')
    if (given) return given
    throw new Error(
      'DATABASE_URL is not set: a login as auth_worker, as postgres://auth_worker:secret@host/db',
    )
  })
  const level = attempt(() => logLevel(env, 'info'))
  const smtp = attempt(() => smtpFromEnvironment(env))
  const accounts = attempt(() => smsFromEnvironment(env)) ?? {}
  refuse()
  return {
    databaseUrl: url as string,
    smtp: smtp as SmtpOptions,
    sms: { accounts },
    level: level as string,
  }
}
