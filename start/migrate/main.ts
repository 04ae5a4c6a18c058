// `npm run migrate`: brings the database of DATABASE_URL up to date, and ends.
//
//   npm run migrate                      roles, migrations, settings; for deployment
//   npm run migrate -- commit "message"  freezes migrations/current.sql; for developers
//   npm run migrate -- uncommit          thaws the newest migration again, before anyone has run it

import { type Logger, pino } from 'pino'
import { commitMigration, uncommitMigration } from '../commit.ts'
import { databaseUrl, logLevel } from '../environment.ts'
import { migrate } from '../migrate.ts'

const [command, message] = process.argv.slice(2)

try {
  await run(pino({ level: logLevel(process.env, 'info') }))
} catch (error) {
  process.stderr.write(`migrate: ${(error as Error).message}\n`)
  process.exitCode = 1
}

async function run(log: Logger): Promise<void> {
  if (command === undefined) return migrateOnce(log)
  if (command === 'commit' && message) return commitMigration(message, log)
  if (command === 'uncommit') return uncommitMigration(log)
  throw new Error('it is "migrate", "migrate -- commit <message>" or "migrate -- uncommit"')
}

async function migrateOnce(log: Logger): Promise<void> {
  const url = databaseUrl(process.env, 'DATABASE_URL')
  if (!url) {
    throw new Error(
      'DATABASE_URL is not set: the URL of the database to install into, as its owner, like ' +
        'postgres://user:password@host:5432/database',
    )
  }
  await migrate({ databaseUrl: url, environment: process.env, log })
  log.info('the database is up to date')
}
