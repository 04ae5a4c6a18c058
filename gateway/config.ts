// What the gateway is told by the environment.
//
//   DATABASE_URL or GATEWAY_DATABASE_URL   a login as authenticator; the latter wins
//   PORT, HOST                             where it listens, also as GOTRUE_API_PORT and _HOST
//   POSTGREST_URL                          a PostgREST that is to answer /rest/v1
//   GOTRUE_DB_MAX_POOL_SIZE                connections for all but passwords; 10 if not set or 0
//   GOTRUE_JWT_KEYS                        the keys that tokens are signed with, see docs/keys.md
//   LOG_LEVEL                              one of pino's levels; info if not set
//   CAPTCHA_URL                            asked to verify captchas instead of the provider's own
//   PWNED_PASSWORDS_URL                    a mirror of https://api.pwnedpasswords.com
//
// Exports: gatewayFromEnvironment, sitesFromEnvironment.

import {
  databaseUrl,
  type Environment,
  logLevel,
  openReader,
  portNumber,
  postgrestUrl,
} from '../start/environment.ts'
import { jwtKeys } from '../start/jwt_keys.ts'
import type { Sites } from './facts.ts'

/** @throws one error that tells all faults, each with what is allowed */
export function gatewayFromEnvironment(environment: Environment) {
  const { attempt, refuse } = openReader()
  const url = attempt(() => {
    const given = databaseUrl(environment, 'GATEWAY_DATABASE_URL', 'DATABASE_URL')
    if (given) return given
    throw new Error(
      'DATABASE_URL is not set: the address of the database, with the login authenticator',
    )
  })
  const named = ['PORT', 'GOTRUE_API_PORT', 'GOTRUE_PORT'].find((name) => environment[name])
  const port = attempt(() => portNumber(named ?? 'PORT', (named && environment[named]) || 9999))
  const poolSize = attempt(() => {
    const size = Number(environment.GOTRUE_DB_MAX_POOL_SIZE || 0)
    if (Number.isInteger(size) && size >= 0 && size <= 1000) return size || 10
    throw new Error('GOTRUE_DB_MAX_POOL_SIZE is the number of connections, 1 to 1000')
  })
  const level = attempt(() => logLevel(environment, 'info'))
  const sites = attempt(() => sitesFromEnvironment(environment))
  const keys = attempt(() => jwtKeys(environment))
  const postgrest = attempt(() => postgrestUrl(environment))
  refuse()
  return {
    databaseUrl: url as string,
    port: port as number,
    host: environment.HOST || environment.GOTRUE_API_HOST || '0.0.0.0',
    poolSize: poolSize as number,
    logLevel: level as string,
    ...(postgrest && { postgrestUrl: postgrest }),
    sites: sites as Sites,
    ...(keys && { jwtKeys: keys }),
  }
}

/** @throws when one of them is no address of a site */
export function sitesFromEnvironment(environment: Environment): Sites {
  const siteUrl = (variable: string) => {
    const url = environment[variable]
    if (!url || (URL.canParse(url) && /^https?:/.test(url))) return url
    throw new Error(`${variable} is "${url}": it is to look like https://example.com/path`)
  }
  const captchaUrl = siteUrl('CAPTCHA_URL')
  const pwnedUrl = siteUrl('PWNED_PASSWORDS_URL')
  return { ...(captchaUrl && { captchaUrl }), ...(pwnedUrl && { pwnedUrl }) }
}
