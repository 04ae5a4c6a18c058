// What `npm start` is told by the environment.
//
// Exports `readConfig`, `databaseUrl` and `logLevel`.

import { resolve } from 'node:path'
import { levels } from 'pino'
import { type SmtpOptions, smtpFromEnvironment } from '../worker/smtp.ts'
import type { Environment } from './settings.ts'

/** A port to listen on, and the variable that changes it. */
export type Port = { variable: string; number: number }

export type Config = {
  /** Absolute path of the folder for everything that is kept. */
  dataDir: string
  /** A server that is there already, as the role that installs; undefined: start one. */
  databaseUrl: string | undefined
  /** A mail server that is there already; undefined: start an inbox that catches all mail. */
  smtp: SmtpOptions | undefined
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
  const faults: string[] = []
  function attempt<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      faults.push((error as Error).message)
      return undefined
    }
  }
  const port = (variable: string, fallback: number): Port => ({
    variable,
    number: attempt(() => portNumber(variable, environment[variable] ?? fallback)) ?? fallback,
  })

  const config = {
    dataDir: resolve(environment.PGTRUE_DATA ?? '.pgtrue'),
    databaseUrl: attempt(() => databaseUrl(environment)),
    smtp: attempt(() =>
      usesOwnMailServer(environment) ? smtpFromEnvironment(environment) : undefined,
    ),
    ports: {
      api: port('PORT', 9999),
      database: port('PGTRUE_DB_PORT', 54322),
      smtp: port('PGTRUE_SMTP_PORT', 1025),
      inbox: port('PGTRUE_INBOX_PORT', 1080),
    },
    environment,
    logLevel: attempt(() => logLevel(environment, 'warn')) ?? 'warn',
  }
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return config
}

function portNumber(variable: string, value: string | number): number {
  const number = Number(value)
  if (Number.isInteger(number) && number > 0 && number < 65536) return number
  throw new Error(`${variable} is "${value}": a port is a number from 1 to 65535`)
}

/**
 * DATABASE_URL, or undefined where it is not set.
 *
 * @throws when it is no URL of a database
 */
export function databaseUrl({ DATABASE_URL: url }: Environment): string | undefined {
  if (!url) return undefined
  if (URL.canParse(url) && /^postgres(ql)?:\/\/[^/]*\/[^/]+/.test(url)) return url
  throw new Error('DATABASE_URL is to look like postgres://user:password@host:5432/database')
}

function usesOwnMailServer(environment: Environment): boolean {
  return Boolean(environment.SMTP_HOST || environment.GOTRUE_SMTP_HOST)
}

/**
 * LOG_LEVEL, one of pino's.
 *
 * @throws when it is something else
 */
export function logLevel({ LOG_LEVEL: level }: Environment, fallback: string): string {
  if (!level) return fallback
  const known = [...Object.keys(levels.values), 'silent']
  if (known.includes(level)) return level
  throw new Error(`LOG_LEVEL is "${level}": it is one of ${known.join(', ')}`)
}
