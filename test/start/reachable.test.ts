// As root, Postgres runs as another user, who must reach its data wherever the checkout is.

import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import postgres from 'postgres'
import t from 'tap'
import { freePort } from '../../start/port.ts'
import { startPostgres } from '../../start/postgres.ts'

const isRoot = process.getuid?.() === 0
const folder = fs.mkdtempSync(join(tmpdir(), 'pgtrue-reachable-'))
const dataDir = join(folder, 'postgres')
const port = await freePort()
const log = pino({ level: 'fatal' })
t.teardown(() => {
  fs.rmSync(fs.realpathSync(dataDir), { recursive: true })
  fs.rmSync(folder, { recursive: true })
})

async function query(work: (sql: postgres.Sql) => Promise<unknown>): Promise<unknown> {
  const server = await startPostgres({ dataDir, port, log })
  const sql = postgres(server.url, { max: 1 })
  try {
    return await work(sql)
  } finally {
    await sql.end()
    await server.close()
  }
}

t.test('data below a folder that only we may enter works', async (t) => {
  t.equal(fs.statSync(folder).mode & 0o777, 0o700)
  t.match(await query((sql) => sql`create table kept as select 7 as number`), [])

  t.equal(fs.lstatSync(dataDir).isSymbolicLink(), isRoot)
  t.match(fs.realpathSync(dataDir), isRoot ? /^\/var\/lib\/pgtrue\/data-/ : fs.realpathSync(folder))
  t.equal(fs.statSync(dataDir).mode & 0o777, 0o700)
  t.ok(fs.existsSync(join(dataDir, 'data', 'PG_VERSION')))
  t.equal(fs.statSync(join(dataDir, 'password')).mode & 0o777, 0o600)
})

t.test('the next start finds the same data there', async (t) => {
  t.match(await query((sql) => sql`select number from kept`), [{ number: 7 }])
})

t.test(
  'a lock file left behind by a dead server, whose number is taken again, is no obstacle',
  async (t) => {
    const lock = [process.pid, join(dataDir, 'data'), 1, port, '', '127.0.0.1', '', 'ready']
    fs.writeFileSync(join(dataDir, 'data', 'postmaster.pid'), `${lock.join('\n')}\n`)
    t.match(await query((sql) => sql`select number from kept`), [{ number: 7 }])
  },
)

t.test('a server that crashes says so, with its last words', async (t) => {
  const server = await startPostgres({ dataDir, port, log })
  const lock = fs.readFileSync(join(dataDir, 'data', 'postmaster.pid'), 'utf8')
  process.kill(Number(lock.split('\n')[0]), 'SIGKILL')
  t.match(await server.crashed, {
    message: /^Postgres ended with SIGKILL:\n(.|\n)*ready to accept/,
  })
  await server.close()
})
