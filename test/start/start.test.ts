// `npm start`: one command brings everything up, and Ctrl-C takes everything down.

import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'
import t from 'tap'
import { isTaken } from '../../start/port.ts'
import { type Place, freshPlace, runStart } from '../support/start.ts'

const place = await freshPlace(t)
const ports = (place: Place) =>
  [place.PORT, place.PGTRUE_DB_PORT, place.PGTRUE_SMTP_PORT, place.PGTRUE_INBOX_PORT].map(Number)
let first: Record<string, string>

async function countUsers(status: Record<string, string>): Promise<number> {
  const sql = postgres(status.DB_URL as string, { max: 1 })
  const [row] = await sql<{ users: number }[]>`select count(*)::int as users from auth.users`
  await sql.end()
  return row?.users ?? 0
}

t.test('shows how to go on, and the command it shows signs somebody up', async (t) => {
  const system = runStart(t, place)
  first = await system.ready()

  const shown = system.output()
  for (const value of [first.API_URL, first.DB_URL, first.INBOX_URL, first.ANON_KEY]) {
    t.ok(value && shown.includes(value), `shows ${value}`)
  }
  t.match(first, {
    API_URL: `http://127.0.0.1:${place.PORT}`,
    DB_URL: new RegExp(`^postgres://postgres:[^@]+@127.0.0.1:${place.PGTRUE_DB_PORT}/postgres$`),
    INBOX_URL: `http://127.0.0.1:${place.PGTRUE_INBOX_PORT}`,
    ANON_KEY: /^ey/,
    SERVICE_ROLE_KEY: /^ey/,
    JWT_SECRET: /^.{32}/,
  })
  t.equal(fs.statSync(join(place.PGTRUE_DATA, 'status.env')).mode & 0o777, 0o600)

  const [command = ''] = /curl .*/.exec(shown) ?? []
  const answer = JSON.parse(execFileSync('sh', ['-c', `${command} --silent`], { encoding: 'utf8' }))
  t.match(answer, { email: 'ann@example.com', aud: 'authenticated' })

  const sql = postgres(first.DB_URL as string, { max: 1 })
  t.same(await sql`select rate_limit_email_sent as limit from auth_private.settings`, [
    { limit: null },
  ])
  await sql`select auth.configure('{"rate_limit_email_sent": "30"}')`
  await sql.end()

  const landing = await fetch(`${first.API_URL}/`)
  t.match(await landing.text(), /It is running/)
  const inbox = await fetch(first.INBOX_URL as string, { headers: { accept: 'text/html' } })
  t.equal(inbox.status, 200)

  system.kill('SIGINT')
  t.equal(await system.ended, 0, 'Ctrl-C is no failure')
  for (const port of ports(place)) t.equal(await isTaken(port), false, `port ${port} is free again`)
})

t.test('a second start keeps users and keys', async (t) => {
  const system = runStart(t, place)
  t.same(await system.ready(), first)
  t.equal(await countUsers(first), 1)
  const sql = postgres(first.DB_URL as string, { max: 1 })
  t.same(
    await sql`select rate_limit_email_sent as limit from auth_private.settings`,
    [{ limit: '30' }],
    'and settings that a person has changed',
  )
  await sql.end()
  system.kill('SIGTERM')
  t.equal(await system.ended, 0)
})

t.test('keeps what a person has set, and follows its own address to another port', async (t) => {
  const settings = async (status: Record<string, string>, siteUrl?: string) => {
    const sql = postgres(status.DB_URL as string, { max: 1 })
    if (siteUrl) await sql`select auth.configure(${sql.json({ site_url: siteUrl })})`
    const [row] = await sql`select site_url, api_external_url from auth_private.settings`
    await sql.end()
    return row
  }
  const before = runStart(t, place)
  const { API_URL } = first
  t.same(await settings(await before.ready()), { site_url: API_URL, api_external_url: API_URL })
  await settings(first, 'http://localhost:3000/app')
  before.kill('SIGTERM')
  await before.ended

  const { PORT } = await freshPlace(t)
  const after = runStart(t, { ...place, PORT })
  t.same(await settings(await after.ready()), {
    site_url: 'http://localhost:3000/app',
    api_external_url: `http://127.0.0.1:${PORT}`,
  })
  after.kill('SIGTERM')
  await after.ended
})

t.test('comes up again after it was killed, with all data', async (t) => {
  const killed = runStart(t, place)
  await killed.ready()
  killed.kill('SIGKILL')
  await killed.ended

  const system = runStart(t, place)
  t.equal(await countUsers(await system.ready()), 1)
  system.kill('SIGTERM')
  t.equal(await system.ended, 0)
})

t.test('two run side by side, but not on the same data', async (t) => {
  const other = await freshPlace(t)
  const systems = [runStart(t, place), runStart(t, other)]
  const [one, two] = await Promise.all(systems.map((system) => system.ready()))
  t.not(one?.ANON_KEY, two?.ANON_KEY)
  t.same(await Promise.all([one, two].map((status) => countUsers(status ?? {}))), [1, 0])

  const third = runStart(t, { ...(await freshPlace(t)), PGTRUE_DATA: place.PGTRUE_DATA })
  t.equal(await third.ended, 1)
  t.match(third.output(), /is in use by another Postgres \(process \d+, port \d+\): stop that, or/)

  for (const system of systems) system.kill('SIGTERM')
  t.same(await Promise.all(systems.map((system) => system.ended)), [0, 0])
})

t.test('a busy port is told with the variable to set, before anything is started', async (t) => {
  const fresh = await freshPlace(t)
  const blocker = createServer().listen(Number(fresh.PGTRUE_INBOX_PORT), '127.0.0.1')
  t.teardown(() => blocker.close())

  const system = runStart(t, fresh)
  t.equal(await system.ended, 1)
  const { PGTRUE_INBOX_PORT: busy } = fresh
  t.match(system.output(), `Port ${busy} is in use: set PGTRUE_INBOX_PORT to a free one.`)
  t.notOk(fs.existsSync(fresh.PGTRUE_DATA))
})

t.test('faults of the environment are told all together', async (t) => {
  const system = runStart(t, { ...place, PORT: 'x', PGTRUE_DB_PORT: '70000', LOG_LEVEL: 'loud' })
  t.equal(await system.ended, 1)
  t.match(system.output(), /PORT is "x".*\n.*PGTRUE_DB_PORT is "70000".*\n.*LOG_LEVEL is "loud"/)
})

t.test('data of another Postgres version is not touched', async (t) => {
  const file = join(place.PGTRUE_DATA, 'postgres', 'data', 'PG_VERSION')
  const version = fs.readFileSync(file, 'utf8')
  fs.writeFileSync(file, '9\n')
  const system = runStart(t, place)
  t.equal(await system.ended, 1)
  t.match(system.output(), /holds data of Postgres 9, and this is Postgres \d+: dump it with/)
  fs.writeFileSync(file, version)
})
