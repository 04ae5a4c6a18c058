// Reading the environment of a program, so that all its faults are told together.
//
// Exports `Environment`, `openReader`, `portNumber`, `databaseUrl`, `postgrestUrl` and `logLevel`.

import { levels } from 'pino'

export type Environment = Record<string, string | undefined>

/** Reads one thing after the other, and remembers what was wrong. */
export function openReader() {
  const faults: string[] = []
  return {
    /** What `read` returns; undefined where it throws, which is remembered. */
    attempt<T>(read: () => T): T | undefined {
      try {
        return read()
      } catch (error) {
        faults.push((error as Error).message)
        return undefined
      }
    },
    /** @throws one error that tells all faults, if there are any */
    refuse(): void {
      if (faults.length > 0) throw new Error(faults.join('\n'))
    },
  }
}

/**
 * The port that this variable names.
 *
 * @throws when it is no port
 */
export function portNumber(variable: string, value: string | number): number {
  const number = Number(value)
  if (Number.isInteger(number) && number > 0 && number < 65536) return number
  throw new Error(`${variable} is "${value}": a port is a number from 1 to 65535`)
}

/**
 * The URL in the first of these variables that is set, or undefined.
 *
 * @throws when it is no URL of a database; without the URL, which holds a password
 */
export function databaseUrl(environment: Environment, ...variables: string[]): string | undefined {
  const variable = variables.find((name) => environment[name])
  const url = variable && environment[variable]
  if (!url) return undefined
  if (URL.canParse(url) && /^postgres(ql)?:\/\/[^/]*\/[^/]+/.test(url)) return url
  throw new Error(`${variable} is to look like postgres://user:password@host:5432/database`)
}

/**
 * POSTGREST_URL, or undefined.
 *
 * @throws when it is no URL of a web server
 */
export function postgrestUrl({ POSTGREST_URL: url }: Environment): string | undefined {
  if (!url) return undefined
  if (URL.canParse(url) && /^https?:\/\/[^/]/.test(url)) return url
  throw new Error(`POSTGREST_URL is "${url}": it is to look like http://host:3000`)
}

// GoTrue's names of levels that pino calls otherwise.
const synonyms: Record<string, string> = { warning: 'warn', panic: 'fatal' }

/**
 * LOG_LEVEL or GOTRUE_LOG_LEVEL: one of pino's levels, or of GoTrue's.
 *
 * @throws when it is something else
 */
export function logLevel(environment: Environment, fallback: string): string {
  const variable = environment.LOG_LEVEL ? 'LOG_LEVEL' : 'GOTRUE_LOG_LEVEL'
  const level = environment[variable]
  if (!level) return fallback
  const known = [...Object.keys(levels.values), 'silent']
  const named = synonyms[level] ?? level
  if (known.includes(named)) return named
  throw new Error(`${variable} is "${level}": it is one of ${known.join(', ')}`)
}
