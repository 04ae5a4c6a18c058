// `npm run bench:gotrue -- FOLDER`: the real GoTrue as a peer to compare with, until Ctrl-C. It has a
// Postgres of its own with the settings of the bench's, as many connections as our gateway, and a
// mail server that takes everything. FOLDER is a clone of github.com/supabase/auth that is built,
// see test/support/gotrue.ts.

import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import postgres from 'postgres'
import { freePort } from '../start/port.ts'
import { startPostgres } from '../start/postgres.ts'
import {
  gotrueEnvironment,
  keyFor,
  migrateGoTrue,
  prepareDatabase,
  serveGoTrue,
} from '../test/support/gotrue.ts'
import { startSink } from './mail_server.ts'
import { settings } from './server.ts'

const [given] = process.argv.slice(2)
if (!given) {
  console.error('npm run bench:gotrue -- FOLDER, a clone of github.com/supabase/auth that is built')
  process.exit(1)
}
const folder = resolve(given)
const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])

const dataDir = fs.mkdtempSync(join(tmpdir(), 'pgtrue-bench-gotrue-'))
const log = pino({ level: 'warn' })
const server = await startPostgres({ dataDir, port: await freePort(), log, settings })
const sink = await startSink()
const sql = postgres(server.url, { max: 1 })
await prepareDatabase(sql)
await sql.end()

const port = await freePort()
const env = {
  ...gotrueEnvironment(folder, { databaseUrl: server.url, port, smtpPort: sink.port }),
  // Without the second it keeps no connection open, and makes a new one for each request.
  GOTRUE_DB_MAX_POOL_SIZE: '10',
  GOTRUE_DB_MAX_IDLE_POOL_SIZE: '10',
  // It takes 0 for its default, which is a minute.
  GOTRUE_SMTP_MAX_FREQUENCY: '1ns',
}
migrateGoTrue(folder, env)
const gotrue = await serveGoTrue(folder, env)
console.log(`GoTrue is served. To compare with it:

  npm run bench -- --peer http://127.0.0.1:${port} \\
    --peer-key ${await keyFor('service_role')} \\
    --peer-anon ${await keyFor('anon')}
`)

await stopped
await gotrue.close()
await sink.close()
await server.close()
fs.rmSync(fs.realpathSync(dataDir), { recursive: true })
fs.rmSync(dataDir, { recursive: true, force: true })
