// A database brought up to date: roles, passwords of the login roles, migrations, settings.
//
// Exports `migrate`. It needs no superuser: a role with CREATEROLE that owns the database will
// do, on Postgres 14 to 18. Doing it again changes nothing.

import type { Logger } from 'pino'
import postgres, { type Sql } from 'postgres'
import type { Environment } from './environment.ts'
import { ensureLogin, type LoginRole, logins } from './login.ts'
import { applyMigrations, applyRoles } from './migrations.ts'
import { applySettings } from './settings.ts'

export type MigrateOptions = {
  /** Of the role that installs and owns; not of the gateway's. */
  databaseUrl: string
  /** Settings (`GOTRUE_*`, `API_EXTERNAL_URL`) and passwords of the login roles. */
  environment: Environment
  log: Logger
  /** Run `migrations/current.sql` too, the work that is not committed yet. */
  uncommitted?: boolean
}

/**
 * Brings the database up to date. Several callers at once wait for each other.
 *
 * @throws with a message for people; all bad settings are told in one
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { databaseUrl, environment, log, uncommitted = false } = options
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: ({ severity, message }) => {
      // Postgres tells of roles that are members already; only what roles.sql says is news.
      if (severity === 'NOTICE' && !message?.includes('already')) log.warn(message)
    },
  })
  try {
    // Of the session, so that it covers what the library does on connections of its own.
    await sql`select pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended('pgtrue migrate', 0))`
    await applyRoles(sql)
    await ensureLogins(sql, databaseUrl, environment)
    await applyMigrations(sql, databaseUrl, { uncommitted, log })
    await applySettings(sql, environment, log)
  } finally {
    await sql.end()
  }
}

async function ensureLogins(sql: Sql, databaseUrl: string, environment: Environment) {
  for (const role of Object.keys(logins) as LoginRole[]) {
    const password = environment[logins[role].password]
    if (password) await ensureLogin(sql, databaseUrl, role, password)
  }
}
