// npm run test:secrets: the tests, on a server that writes down all it can, while gateway and worker
// log all they do; then whatever was written down is searched for passwords, tokens and hashes.
//
//   npm run test:secrets                          all tests: half an hour
//   npm run test:secrets -- test/session/*.ts     these
//
// test/security/s09_logs.test.ts is the short form, which also looks at answers and notifications.

import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createReadStream } from 'node:fs'
import { spawn } from 'node:child_process'
import { pino } from 'pino'
import postgres from 'postgres'
import { freePort } from '../../start/port.ts'
import { startPostgres } from '../../start/postgres.ts'
import { talkative } from '../support/leaks.ts'

/** What tests use as secrets, and what secrets of ours look like. */
const secrets: Record<string, RegExp> = {
  password: /correct horse battery|canary-(password|of-a-secret)/,
  token: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/,
  'hash of a password': /\$2[aby]\$\d\d\$[./\w]{53}/,
}
/** Who has caused a line of the server's log: our own programs, by the names that they connect with. */
const ours = /^@(authenticator|auth_worker)@pgtrue[ -](gateway|worker)@/

const folder = mkdtempSync(join(tmpdir(), 'pgtrue-secrets-'))
const serverLog = createWriteStream(join(folder, 'server.log'))
const server = await startPostgres({
  dataDir: join(folder, 'postgres'),
  port: await freePort(),
  settings: { ...talkative, max_connections: '300' },
  log: pino({ level: 'debug' }, { write: (line) => serverLog.write(`${JSON.parse(line).msg}\n`) }),
})
const found: Record<string, number> = {}
let examples = ''
const counts = { server: 0, programs: 0, statistics: 0 }

try {
  const sql = postgres(server.url, { max: 1, onnotice: () => {} })
  await sql`create extension pg_stat_statements`
  const output = createWriteStream(join(folder, 'tests.log'))
  const tests = spawn(
    process.execPath,
    ['--import=tsx', 'test/support/main.ts', ...process.argv.slice(2)],
    {
      env: { ...process.env, DATABASE_URL: server.url, LOG_LEVEL: 'trace' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  tests.stdout.pipe(output)
  await new Promise((resolve) => tests.once('close', resolve))
  console.log(readFileSync(join(folder, 'tests.log'), 'utf8').trimEnd().split('\n').at(-1))

  const statistics = await sql<{ query: string }[]>`
    select s.query from pg_stat_statements s join pg_roles r on r.oid = s.userid
    where r.rolname in ('authenticator', 'auth_worker', 'anon', 'authenticated', 'service_role', 'auth_owner')
  `
  for (const { query } of statistics) look('statistics', query)
  await sql.end()
} finally {
  await server.close()
}
await new Promise((resolve) => serverLog.end(resolve))

// An entry goes on until another begins.
let isOurs = false
for await (const line of createInterface({ input: createReadStream(join(folder, 'server.log')) })) {
  if (line.startsWith('@')) isOurs = ours.test(line)
  if (isOurs) look('server', line)
}
for await (const line of createInterface({ input: createReadStream(join(folder, 'tests.log')) })) {
  if (/^\s*(# )?\{"level":/.test(line)) look('programs', line)
}
rmSync(folder, { recursive: true, force: true })

console.log(`searched: ${JSON.stringify(counts)}`)
console.log(`found: ${JSON.stringify(found)}${examples}`)
process.exitCode = Object.keys(found).length === 0 && counts.server > 0 ? 0 : 1

function look(place: keyof typeof counts, text: string): void {
  counts[place]++
  for (const [name, pattern] of Object.entries(secrets)) {
    const at = text.search(pattern)
    if (at < 0) continue
    const key = `${name} in ${place}`
    found[key] = (found[key] ?? 0) + 1
    if (found[key] <= 5) examples += `\n${key}: ${text.slice(Math.max(0, at - 300), at + 80)}`
  }
}
