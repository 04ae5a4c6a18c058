// The database server of the bench, and on it databases with everything migrated.
//
// Exports: Server, BenchDatabase, openServer, settings.

import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import postgres, { type Sql } from 'postgres'
import { derivePassword, loginUrl } from '../start/login.ts'
import { migrate } from '../start/migrate.ts'
import { freePort } from '../start/port.ts'
import { startPostgres } from '../start/postgres.ts'

export interface BenchDatabase {
  /** As the owner. */
  sql: Sql
  url: string
  /** As the gateway's login, and as the worker's. */
  gatewayUrl: string
  workerUrl: string
  /** Drops it. */
  close(): Promise<void>
}

export interface Server {
  /** What differs from a server as it comes. */
  settings: Record<string, string>
  version: string
  /** Whether it is one of our own, on this machine. */
  local: boolean
  openDatabase(): Promise<BenchDatabase>
  close(): Promise<void>
}

/** Of a server of our own. */
export const settings = {
  max_connections: '300',
  // What the manual recommends for a server of its own: a quarter of the memory.
  shared_buffers: `${Math.min(4096, Math.floor(totalmem() / 4 / 2 ** 20))}MB`,
  // So that a checkpoint does not fall into one round and not into the next.
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
}

/**
 * Starts a server of our own, or uses the one of DATABASE_URL, whose role may create databases and
 * roles. Commits are written to disk as in production.
 */
export async function openServer(log: Logger): Promise<Server> {
  const given = process.env.DATABASE_URL
  const postgresServer = given ? { url: given, close: async () => {} } : await startOwn(log)
  const name = `pgtrue_bench_${randomBytes(4).toString('hex')}`
  const sql = postgres(postgresServer.url, { max: 1, onnotice: () => {} })

  async function close() {
    const left = await sql<{ datname: string }[]>`
      select datname from pg_catalog.pg_database where starts_with(datname, ${name})
    `
    for (const { datname } of left) await sql`drop database ${sql(datname)} with (force)`
    await sql.end()
    await postgresServer.close()
  }

  try {
    const [row] = await sql<{ version: string }[]>`
      select current_setting('server_version') as version
    `
    await sql`create database ${sql(name)}`
    await migrate({
      databaseUrl: named(postgresServer.url, name),
      environment: {
        AUTHENTICATOR_PASSWORD: derivePassword(postgresServer.url, 'authenticator'),
        AUTH_WORKER_PASSWORD: derivePassword(postgresServer.url, 'auth_worker'),
      },
      log,
      uncommitted: true,
    })
    let opened = 0
    return {
      settings: given ? {} : settings,
      local: !given,
      version: row?.version ?? '',
      async openDatabase() {
        const copy = `${name}_${++opened}`
        await sql`create database ${sql(copy)} template ${sql(name)}`
        return database(named(postgresServer.url, copy), () =>
          sql`drop database ${sql(copy)} with (force)`.then(() => {}),
        )
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function startOwn(log: Logger) {
  const dataDir = fs.mkdtempSync(join(tmpdir(), 'pgtrue-bench-'))
  const server = await startPostgres({ dataDir, port: await freePort(), log, settings })
  return {
    url: server.url,
    async close() {
      await server.close()
      fs.rmSync(fs.realpathSync(dataDir), { recursive: true })
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function database(url: string, drop: () => Promise<void>): Promise<BenchDatabase> {
  const sql = postgres(url, { max: 4, onnotice: () => {} })
  // Nothing here is about limits: the load comes from one client.
  const unlimited = { rate_limit_email_sent: null, smtp_max_frequency: '0s' }
  await sql`select auth.configure(${sql.json(unlimited)})`
  return {
    sql,
    url,
    gatewayUrl: loginUrl(url, 'authenticator', derivePassword(url, 'authenticator')),
    workerUrl: loginUrl(url, 'auth_worker', derivePassword(url, 'auth_worker')),
    async close() {
      await sql.end({ timeout: 5 })
      await drop()
    },
  }
}

function named(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}
