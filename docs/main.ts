// `npm run docs`: writes the generated pages of docs/ and the picture of the database's surface.
//
//   npm run docs                       on a server of its own, all migrations run
//   DATABASE_URL=… npm run docs        from that database, which is only read

import * as fs from 'node:fs'
import { pino } from 'pino'
import postgres from 'postgres'
import { migrate } from '../start/migrate.ts'
import { startTemporaryPostgres } from '../start/postgres_temporary.ts'
import { generate } from './generate.ts'

if (process.env.DATABASE_URL) await write(process.env.DATABASE_URL)
else await writeFromMigrations()

async function writeFromMigrations(): Promise<void> {
  const log = pino({ level: process.env.LOG_LEVEL ?? 'warn' })
  const server = await startTemporaryPostgres(log)
  try {
    await migrate({ databaseUrl: server.url, environment: {}, log, uncommitted: true })
    await write(server.url)
  } finally {
    await server.close()
  }
}

async function write(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    for (const [path, text] of Object.entries(await generate(sql))) {
      const file = new URL(`../${path}`, import.meta.url)
      const before = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
      fs.writeFileSync(file, text)
      console.log(`${path}: ${before === text ? 'as it was' : 'written'}`)
    }
  } finally {
    await sql.end()
  }
}
