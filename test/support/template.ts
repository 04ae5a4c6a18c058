// The database that every test file gets a copy of: all roles, all migrations, also those not
// committed yet.
//
// Exports `makeTemplate`.

import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import postgres from 'postgres'
import { derivePassword } from '../../start/login.ts'
import { migrate } from '../../start/migrate.ts'

/**
 * Makes the template.
 *
 * @param serverUrl of a role that may create databases and roles
 * @returns its URL, and a `close` that drops it with what is left of its copies
 */
export async function makeTemplate(serverUrl: string, log: Logger) {
  const sql = postgres(serverUrl, { max: 1 })
  const name = `pgtrue_test_${randomBytes(4).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`

  async function close() {
    const left = await sql<{ datname: string }[]>`
      select datname from pg_catalog.pg_database where starts_with(datname, ${name})
    `
    for (const { datname } of left) await sql`drop database ${sql(datname)} with (force)`
    await sql.end()
  }

  await sql`create database ${sql(name)}`
  const environment = {
    AUTHENTICATOR_PASSWORD: derivePassword(serverUrl, 'authenticator'),
    AUTH_WORKER_PASSWORD: derivePassword(serverUrl, 'auth_worker'),
  }
  try {
    await migrate({ databaseUrl: url.href, environment, log, uncommitted: true })
  } catch (error) {
    await close()
    throw error
  }
  return { url: url.href, close }
}
