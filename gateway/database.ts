// The gateway's way to the database: two lanes with a pool each, and its configuration, which
// follows what the database says.
//
// Exports: Database, DatabaseOptions, openDatabase.

import { availableParallelism } from 'node:os'
import postgres from 'postgres'
import type { Logger } from 'pino'
import pgListen from 'pg-listen'
import type { CaptchaConfig } from './captcha.ts'
import type { ProxyConfig } from './client_address.ts'
import { createLane } from './lane.ts'
import type { ProviderConfig } from './provider/types.ts'
import type { PwnedConfig } from './pwned.ts'
import { refusals } from './refusal.ts'
import { Refused } from './refused.ts'
import type { Key } from './token.ts'

/** What auth_private.gateway_config() returns. */
export interface GatewayConfig extends ProxyConfig {
  keys: Key[]
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
  run<T>(lane: 'hash' | 'quick', statement: (sql: postgres.Sql) => Promise<T>): Promise<T>
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

export async function openDatabase(
  { databaseUrl: url, poolSize = 10, log }: DatabaseOptions,
  onConfig: (config: GatewayConfig) => void,
): Promise<Database> {
  const first = postgres(url, { max: 1, onnotice: () => {} })
  let config = await readConfig(first)
  await first.end()
  onConfig(config)

  const pool = (max: number) =>
    postgres(url, {
      max,
      onnotice: () => {},
      // Where asking for the types of arrays fails, as in a restart, nobody is told and the query
      // that waits for them never ends.
      fetch_types: false,
      connection: {
        application_name: 'pgtrue-gateway',
        statement_timeout: config.maxRequestMilliseconds,
      },
    })
  const patience = config.maxRequestMilliseconds
  const late = () => new Refused(refusals.timeout())
  // Each hash keeps a core busy, so more of them at once would only make all of them slow.
  const cores = availableParallelism()
  const lanes = {
    hash: {
      sql: pool(cores),
      lane: createLane({
        concurrency: cores,
        limit: 50 * cores,
        patience,
        full: () => new Refused(refusals.tooManyPasswords()),
        late,
      }),
    },
    quick: {
      sql: pool(poolSize),
      lane: createLane({
        concurrency: poolSize,
        limit: 100 * poolSize,
        patience,
        full: () => new Refused(refusals.unavailable()),
        late,
      }),
    },
  }

  const reload = async () => {
    try {
      config = await readConfig(lanes.quick.sql)
      onConfig(config)
    } catch (error) {
      log.error({ err: error }, 'configuration not read again')
    }
  }
  const subscriber = pgListen.default(
    { connectionString: url },
    { retryTimeout: Infinity, retryInterval: (attempt) => Math.min(100 * 2 ** attempt, 5000) },
  )
  subscriber.notifications.on('pgtrue_gateway', () => void reload())
  // What changed while the connection was down was not heard.
  subscriber.events.on('connected', () => void reload())
  subscriber.events.on('error', (error) => log.warn({ err: error }, 'not listening'))
  await subscriber.connect()
  await subscriber.listenTo('pgtrue_gateway')

  return {
    run: (name, statement) => lanes[name].lane.run(() => statement(lanes[name].sql)),
    config: () => config,
    waiting: () => ({ hash: lanes.hash.lane.waiting(), quick: lanes.quick.lane.waiting() }),
    async close() {
      await Promise.all([lanes.hash.lane.idle(), lanes.quick.lane.idle()])
      await Promise.all([
        subscriber.close(),
        lanes.hash.sql.end({ timeout: 5 }),
        lanes.quick.sql.end({ timeout: 5 }),
      ])
    },
  }
}

async function readConfig(sql: postgres.Sql): Promise<GatewayConfig> {
  const [row] = await sql<{ config: GatewayConfig }[]>`
    select auth_private.gateway_config() as config
  `
  if (!row) {
    throw new Error('auth_private.gateway_config() returned nothing')
  }
  return row.config
}
