// What the gateway is told by the environment.
//
//   DATABASE_URL or GATEWAY_DATABASE_URL   a login as authenticator; the latter wins
//   PORT, HOST                             where it listens, also as GOTRUE_API_PORT and _HOST
//   LOG_LEVEL                              one of pino's levels; info if not set
//
// Exports: gatewayFromEnvironment.

import {
  databaseUrl,
  type Environment,
  logLevel,
  openReader,
  portNumber,
} from '../start/environment.ts'

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
  const level = attempt(() => logLevel(environment, 'info'))
  refuse()
  return {
    databaseUrl: url as string,
    port: port as number,
    host: environment.HOST || environment.GOTRUE_API_HOST || '0.0.0.0',
    logLevel: level as string,
  }
}
