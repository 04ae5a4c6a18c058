// Everything that a client sees, running: a database of its own, a gateway, a worker, an inbox.
//
// Exports `openStack`.

import { pino } from 'pino'
import type { JSONValue, Sql } from 'postgres'
import type { Test } from 'tap'
import type { Sites } from '../../gateway/facts.ts'
import { startGateway } from '../../gateway/server.ts'
import type { Environment } from '../../start/environment.ts'
import { jwtKeys } from '../../start/jwt_keys.ts'
import { applySettings } from '../../start/settings.ts'
import { startWorker } from '../../worker/worker.ts'
import { type Database, openDatabase } from './database.ts'
import { type Inbox, openInbox } from './inbox.ts'
import { openSmsProvider, type SmsProvider } from './sms.ts'
import { until } from './until.ts'

export type Stack = {
  /** The gateway's URL, without a slash at the end. */
  api: string
  anonKey: string
  serviceKey: string
  db: Database
  /** Connections of the database's owner. */
  sql: Sql
  inbox: Inbox
  /** Who sends SMS, as Twilio; the settings have to ask for it. */
  sms: SmsProvider
  /** Changes settings, as `auth.configure` does. */
  configure(changes: Record<string, JSONValue>): Promise<void>
  /** Waits until the condition holds, as when the gateway has heard of a change; at most 30 s. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>
}

/**
 * Opens a stack; it is closed when the test `t` ends.
 *
 * @param settings what differs from the defaults, as for `auth.configure`
 * @param sites other sites that the gateway asks instead of the real ones
 * @param environment GOTRUE_JWT_KEYS and the like, for the migration and the gateway
 */
export async function openStack(
  t: Pick<Test, 'teardown'>,
  settings: Record<string, JSONValue> = {},
  sites: Sites = {},
  environment: Environment = {},
): Promise<Stack> {
  const log = pino({ level: process.env.LOG_LEVEL ?? 'fatal' })
  const db = await openDatabase(t)
  const inbox = await openInbox(t)
  const sms = await openSmsProvider(t)

  // Before the gateway starts, since it reads some of them only then.
  await db.settings({ rate_limit_email_sent: null, rate_limit_sms_sent: null, ...settings })
  await applySettings(db.sql, environment, log)
  const gateway = await startGateway({
    databaseUrl: db.gatewayUrl,
    port: 0,
    log,
    sites,
    jwtKeys: jwtKeys(environment),
  })
  t.teardown(() => gateway.close())
  await db.settings({ api_external_url: gateway.url, ...settings })

  const { host, port } = inbox
  const worker = await startWorker({
    databaseUrl: db.workerUrl,
    smtp: { host, port, adminEmail: 'auth@example.com', senderName: 'pgtrue' },
    sms,
    log,
  })
  t.teardown(() => worker.close())

  const [keys] = await db.sql<{ anonKey: string; serviceKey: string }[]>`
    select auth.api_key('anon') as "anonKey", auth.api_key('service_role') as "serviceKey"
  `
  if (!keys) throw new Error('the database gave no API keys')
  return { api: gateway.url, ...keys, db, sql: db.sql, inbox, sms, configure: db.settings, until }
}
