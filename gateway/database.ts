// The gateway's way to the database: two lanes with a pool each, and its configuration, which
// follows what the database says.
//
// Exports: Database, DatabaseOptions, openDatabase.

import { availableParallelism } from 'node:os'
import type postgres from 'postgres'
import type { Logger } from 'pino'
import { openConnections } from '../start/connections.ts'
import { listen } from '../start/listener.ts'
import type { CaptchaConfig } from './captcha.ts'
import type { ProxyConfig } from './client_address.ts'
import { follow } from './follow.ts'
import { createLane } from './lane.ts'
import type { ProviderConfig } from './provider/types.ts'
import type { PwnedConfig } from './pwned.ts'
import { refusals } from './refusal.ts'
import { Refused } from './refused.ts'
import type { Key } from './token.ts'

/** What auth_private.gateway_config() returns. */
export interface GatewayConfig extends ProxyConfig {
  keys: Key[]
  /** The kid of the key that the gateway is to sign with; null where SQL signs. */
  signingKey: string | null
  /** Whether requests are limited per client. */
  limited: boolean
  captcha: CaptchaConfig | null
  pwned: PwnedConfig | null
  /** The sites to sign in with, built in and custom, and what goes for all of them. */
  providers: ProviderConfig[]
  customProvidersEnabled: boolean
  allowedIdTokenIssuers: string[]
  discoveryMilliseconds: number
  providerMilliseconds: number
  corsAllowedHeaders: string[]
  maxRequestMilliseconds: number
}

export interface Database {
  /** Runs one statement in the lane for password hashing, or in the one for everything else. */
  run<T>(lane: 'hash' | 'quick', statement: (sql: postgres.Sql) => PromiseLike<T>): Promise<T>
  config(): GatewayConfig
  waiting(): { hash: number; quick: number }
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Logs in as authenticator, which may call the dispatcher and nothing else. */
  databaseUrl: string
  poolSize?: number
  log: Logger
}

/**
 * Opens the lanes, and follows the configuration from now on.
 *
 * @param onConfig is told the configuration, at first and whenever it has changed
 * @throws if the database can't be reached
 */
export async function openDatabase(
  { databaseUrl: url, poolSize = 10, log }: DatabaseOptions,
  onConfig: (config: GatewayConfig) => void,
): Promise<Database> {
  const first = openConnections(url, startLimit)
  let config = await first.run(readConfig).finally(() => first.close())
  onConfig(config)

  const patience = config.maxRequestMilliseconds
  const connections = () =>
    // Postgres itself is the first to give up on a statement, unless it can't be reached.
    openConnections(url, 2 * patience, {
      application_name: 'pgtrue-gateway',
      statement_timeout: patience,
    })
  const late = () => new Refused(refusals.timeout())
  // Each hash keeps a core busy. One more at once gains 4 % of the sign-ins, while a core waits for
  // the disk, and costs everybody else half as much time again (npm run bench -- signin storm).
  const cores = availableParallelism()
  const lanes = {
    hash: {
      connections: connections(),
      lane: createLane({
        concurrency: cores,
        limit: 50 * cores,
        patience,
        full: () => new Refused(refusals.tooManyPasswords()),
        late,
      }),
    },
    quick: {
      connections: connections(),
      lane: createLane({
        concurrency: poolSize,
        limit: 100 * poolSize,
        patience,
        full: () => new Refused(refusals.unavailable()),
        late,
      }),
    },
  }
  const run: Database['run'] = (name, statement) =>
    lanes[name].lane.run(() => lanes[name].connections.run(statement))

  const follower = follow(async () => {
    config = await run('quick', readConfig)
    onConfig(config)
  }, log)
  const listener = listen(
    { databaseUrl: url, channel: 'pgtrue_gateway', name: 'pgtrue-gateway', what: 'settings' },
    follower.look,
    log,
  )

  return {
    run,
    config: () => config,
    waiting: () => ({ hash: lanes.hash.lane.waiting(), quick: lanes.quick.lane.waiting() }),
    async close() {
      follower.close()
      await Promise.all([listener.close(), lanes.hash.lane.idle(), lanes.quick.lane.idle()])
      await Promise.all([lanes.hash.connections.close(), lanes.quick.connections.close()])
    },
  }
}

/** Milliseconds for reading the configuration when the gateway starts. */
const startLimit = 30_000

async function readConfig(sql: postgres.Sql): Promise<GatewayConfig> {
  const [row] = await sql<{ config: GatewayConfig }[]>`
    select auth_private.gateway_config() as config
  `
  if (!row) {
    throw new Error('auth_private.gateway_config() returned nothing')
  }
  return row.config
}
