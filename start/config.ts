// What `npm start` is told by the environment.
//
// Exports `readConfig`.

import { resolve } from 'node:path'
import { sitesFromEnvironment } from '../gateway/config.ts'
import type { Sites } from '../gateway/facts.ts'
import { type SmsAccounts, smsFromEnvironment } from '../worker/sms/accounts.ts'
import { type SmtpOptions, smtpFromEnvironment } from '../worker/smtp.ts'
import {
  databaseUrl,
  type Environment,
  logLevel,
  openReader,
  portNumber,
  postgrestUrl,
} from './environment.ts'

/** A port to listen on, and the variable that changes it. */
export type Port = { variable: string; number: number }

export type Config = {
  /** Absolute path of the folder for everything that is kept. */
  dataDir: string
  /** A server that is there already, as the role that installs; undefined: start one. */
  databaseUrl: string | undefined
  /** A mail server that is there already; undefined: start an inbox that catches all mail. */
  smtp: SmtpOptions | undefined
  /** Accounts with those who send SMS. */
  sms: SmsAccounts
  /** A PostgREST that is to answer /rest/v1. */
  postgrestUrl: string | undefined
  sites: Sites
  ports: { api: Port; database: Port; smtp: Port; inbox: Port }
  environment: Environment
  logLevel: string
}

/**
 * Reads the environment.
 *
 * @throws one error that tells all faults, each with what is allowed
 */
export function readConfig(environment: Environment): Config {
  const { attempt, refuse } = openReader()
  const port = (variable: string, fallback: number, other = variable): Port => {
    const given = environment[variable] ? variable : other
    const value = environment[given] || fallback
    return { variable, number: attempt(() => portNumber(given, value)) ?? fallback }
  }

  const config = {
    dataDir: resolve(environment.PGTRUE_DATA ?? '.pgtrue'),
    databaseUrl: attempt(() => databaseUrl(environment, 'DATABASE_URL')),
    smtp: attempt(() =>
      usesOwnMailServer(environment) ? smtpFromEnvironment(environment) : undefined,
    ),
    sms: attempt(() => smsFromEnvironment(environment)) ?? {},
    sites: attempt(() => sitesFromEnvironment(environment)) ?? {},
    postgrestUrl: attempt(() => postgrestUrl(environment)),
    ports: {
      api: port('PORT', 9999, 'GOTRUE_API_PORT'),
      database: port('PGTRUE_DB_PORT', 54322),
      smtp: port('PGTRUE_SMTP_PORT', 1025),
      inbox: port('PGTRUE_INBOX_PORT', 1080),
    },
    environment,
    logLevel: attempt(() => logLevel(environment, 'warn')) ?? 'warn',
  }
  refuse()
  return config
}

function usesOwnMailServer(environment: Environment): boolean {
  return Boolean(environment.SMTP_HOST || environment.GOTRUE_SMTP_HOST)
}
