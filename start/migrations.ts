// The migrations folder applied to a database, by graphile-migrate.
//
// Exports `migrationSettings`, `applyRoles`, `applyMigrations` and `libraryIsDone`.

import * as fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { current, Logger, migrate } from 'graphile-migrate'
import type { Logger as Log } from 'pino'
import type { Sql } from 'postgres'

const folder = fileURLToPath(new URL('../migrations', import.meta.url))
const applicationName = 'pgtrue migrations'

/** What graphile-migrate has to know; all of it, so no file of settings is needed. */
export function migrationSettings(databaseUrl: string, log: Log) {
  return {
    connectionString: libraryUrl(databaseUrl),
    // Asked for, and used only to drop and make databases.
    rootConnectionString: libraryUrl(databaseUrl, 'postgres'),
    migrationsFolder: folder,
    logger: quietLogger(log),
  }
}

/**
 * The URL as node-postgres reads it: with sslmode as libpq understands it, and under a name by
 * which its connections can be told from others.
 */
export function libraryUrl(databaseUrl: string, database?: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.set('application_name', database ? `${applicationName} root` : applicationName)
  url.searchParams.set('uselibpqcompat', 'true')
  if (database) url.pathname = `/${database}`
  return url.href
}

function quietLogger(log: Log): Logger {
  const level = { error: 'error', warning: 'warn', info: 'debug', debug: 'debug' } as const
  return new Logger(() => (kind, message) => log[level[kind]]({ part: 'migrations' }, message))
}

/** Makes the roles that are missing. Safe to repeat. */
export async function applyRoles(sql: Sql): Promise<void> {
  await sql.file(`${folder}/roles.sql`)
}

/**
 * Runs the migrations that this database has not run yet.
 *
 * @param sql a connection of the same role, to look after the library's
 * @param options.uncommitted whether to run `current.sql` too, which is work in progress
 */
export async function applyMigrations(
  sql: Sql,
  databaseUrl: string,
  { uncommitted, log }: { uncommitted: boolean; log: Log },
): Promise<void> {
  const settings = migrationSettings(databaseUrl, log)
  try {
    await migrate(settings)
    // The library would write the file if it were missing.
    if (uncommitted && fs.existsSync(`${folder}/current.sql`)) await current(settings)
  } catch (error) {
    // Where the library knows the place in the file, it says so in a property of its own.
    const { message, _gmMessageOverride: place } = error as Error & { _gmMessageOverride?: string }
    throw new Error(`a migration failed: ${place ?? message}`, { cause: error })
  } finally {
    await libraryIsDone(sql)
  }
}

/**
 * The library keeps its connections a moment longer, and ends this process when the server
 * closes one first. So before a server is stopped or a database is dropped, wait for it.
 */
export async function libraryIsDone(sql: Sql): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const [open] = await sql`
      select from pg_catalog.pg_stat_activity where application_name like ${`${applicationName}%`}
    `
    if (!open) return
    await sql`select pg_catalog.pg_sleep(0.02)`
  }
}
