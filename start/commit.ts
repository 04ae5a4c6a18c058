// Freezing work in progress into a migration, and thawing it again: for developers.
//
// Exports `commitMigration` and `uncommitMigration`. Both try all migrations from the start, on
// a server that is thrown away.

import { commit, migrate, uncommit } from 'graphile-migrate'
import type { Logger } from 'pino'
import postgres from 'postgres'
import { applyRoles, libraryIsDone, libraryUrl, migrationSettings } from './migrations.ts'
import { startTemporaryPostgres } from './postgres_temporary.ts'

type Settings = ReturnType<typeof migrationSettings> & { shadowConnectionString: string }

/**
 * Turns `migrations/current.sql` into the next file of `migrations/committed`.
 *
 * @param message what the migration does; it becomes part of the file's name
 */
export async function commitMigration(message: string, log: Logger): Promise<void> {
  await withSettings(log, (settings) => commit(settings, message))
  log.info('migrations/committed has a new file')
}

/** Turns the newest committed migration back into `migrations/current.sql`. */
export async function uncommitMigration(log: Logger): Promise<void> {
  await withSettings(log, async (settings) => {
    await migrate(settings)
    await uncommit(settings)
  })
  log.info('migrations/current.sql has what was committed last')
}

async function withSettings(log: Logger, work: (settings: Settings) => Promise<void>) {
  const server = await startTemporaryPostgres(log)
  const sql = postgres(server.url, { max: 1 })
  try {
    await applyRoles(sql)
    await sql`create database pgtrue`
    const url = new URL(server.url)
    url.pathname = '/pgtrue'
    await work({
      ...migrationSettings(url.href, log),
      shadowConnectionString: libraryUrl(url.href, 'pgtrue_shadow'),
      blankMigrationContent: '-- The next migration: npm run migrate -- commit "what it does"\n',
    } as Settings)
  } finally {
    await libraryIsDone(sql)
    await sql.end()
    await server.close()
  }
}
