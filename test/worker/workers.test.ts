// Workers that race, die, stop, and lose their database: each mail is sent, and once.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as net from 'node:net'
import type { Sql } from 'postgres'
import t from 'tap'
import { until } from '../support/until.ts'
import { openPostOffice } from './post_office.ts'

t.test('two workers send each mail once', async (t) => {
  const office = await openPostOffice(t)
  await Promise.all([office.work(), office.work()])
  await office.sql`
    insert into auth_private.outbox (kind, recipient)
    select 'recovery', 'user' || i || '@example.com' from generate_series(1, 300) i
  `
  await until(async () => (await office.sql`select from auth_private.outbox`).length === 0)
  t.equal(office.received.length, 300)
  t.equal(new Set(office.received.map((one) => one.to)).size, 300)
})

t.test('claims that race share no row', async (t) => {
  const office = await openPostOffice(t)
  const [one, two] = [office.db.connect(), office.db.connect()]
  await office.sql`
    insert into auth_private.outbox (kind, recipient)
    select 'recovery', 'user' || i || '@example.com' from generate_series(1, 4) i
  `
  const claim = (sql: typeof one) => sql<{ id: string }[]>`
    select id from auth_private.claim_mail(2, '1 minute')
  `
  await one`begin`
  const first = await claim(one)
  const second = await claim(two)
  await one`commit`
  t.equal(new Set([...first, ...second].map((row) => row.id)).size, 4)
  t.same(await claim(two), [])
})

t.test('the mail of a killed worker is sent when its lease ends', async (t) => {
  const office = await openPostOffice(t)
  const stuck = office.hold()
  const id = await office.queue('ann@example.com')
  const killed = spawn(process.execPath, ['--import=tsx', 'worker/main.ts'], {
    env: {
      ...process.env,
      DATABASE_URL: office.db.workerUrl,
      SMTP_HOST: office.smtp.host,
      SMTP_PORT: String(office.smtp.port),
      SMTP_ADMIN_EMAIL: office.smtp.adminEmail,
    },
    stdio: 'ignore',
  })
  await stuck.begun()
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  // The mail server has it by then, which nobody was left to write down.
  stuck.release()
  await office.next('ann@example.com')

  await office.work()
  await office.queue('ben@example.com')
  await office.next('ben@example.com')
  t.same(office.received, [], 'not before')

  await office.letTimePass()
  t.ok(await office.next('ann@example.com'))
  t.equal(await office.settled('ann@example.com', 2), undefined)
  t.same(await office.sql`select auth_private.settle_mail(${id}, 1) as ours`, [{ ours: false }])
})

t.test('a worker whose lease was taken over changes nothing', async (t) => {
  const { sql, queue, letTimePass, settled } = await openPostOffice(t)
  const id = await queue('ann@example.com')
  const claim = () => sql`select attempt from auth_private.claim_mail(1, '1 minute')`
  const settle = async (attempt: number, error: string | null = null) => {
    const [row] = await sql`select auth_private.settle_mail(${id}, ${attempt}, ${error}) as ours`
    return row?.ours
  }

  t.same(await claim(), [{ attempt: 1 }])
  await letTimePass()
  t.same(await claim(), [{ attempt: 2 }])
  t.equal(await settle(1), false)
  t.equal(await settle(1, 'late'), false)
  t.equal(await settle(2, 'busy'), true)
  t.equal(await settle(2), false, 'settled already')
  t.match(await settled('ann@example.com', 2), { last_error: 'busy' })
})

t.test('hears nudges again after its connections were cut', async (t) => {
  const office = await openPostOffice(t)
  await office.work()
  await office.queue('ann@example.com')
  await office.next('ann@example.com')

  const cut = await office.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where usename = 'auth_worker' and datname = current_database()
  `
  t.ok(cut.length >= 2, 'one listens, others claim')
  await office.queue('unheard@example.com')
  t.ok(await office.next('unheard@example.com'))
  await isListening(office.sql)
  await office.queue('ben@example.com')
  t.ok(await office.next('ben@example.com'))
})

t.test('waits for a database that is not there yet, or not there any more', async (t) => {
  const office = await openPostOffice(t)
  const url = new URL(office.db.workerUrl)
  const road = await openRoad(url.hostname, Number(url.port))
  url.port = String(road.port)
  await road.cut()

  const worker = await office.work({ databaseUrl: url.href })
  await office.queue('ann@example.com')
  await until(() => office.logged.some((line) => line.includes('cannot send mail')))
  await road.mend()
  t.ok(await office.next('ann@example.com'))
  await isListening(office.sql)

  const stuck = office.hold()
  await office.queue('ben@example.com')
  await stuck.begun()
  await road.cut()
  stuck.release()
  await until(() => office.logged.some((line) => line.includes('cannot settle mail')))
  await road.mend()
  t.equal(await office.settled('ben@example.com', 1), undefined, 'settled, though late')
  t.equal(office.received.length, 1, 'and not sent again')
  await worker.close()
  await road.cut()
})

t.test('closes though the database is gone', async (t) => {
  const office = await openPostOffice(t)
  const worker = await office.work({ databaseUrl: 'postgres://auth_worker@127.0.0.1:1/none' })
  await until(() => office.logged.some((line) => line.includes('cannot send mail')))
  await worker.close()
  const told = office.logged.length
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(office.logged.length, told)
})

t.test('closing lets the mail in flight arrive and claims no more', async (t) => {
  const office = await openPostOffice(t)
  const worker = await office.work()
  const stuck = office.hold()
  await office.queue('ann@example.com')
  await stuck.begun()
  const closed = worker.close()
  await office.queue('ben@example.com')
  stuck.release()
  await closed

  t.ok(await office.next('ann@example.com'))
  const left = await office.sql`select recipient, attempts from auth_private.outbox`
  t.same(left, [{ recipient: 'ben@example.com', attempts: 0 }])
})

t.test('the program ends when it is told to, also without a database', async (t) => {
  const program = spawn(process.execPath, ['--import=tsx', 'worker/main.ts'], {
    env: {
      ...process.env,
      DATABASE_URL: 'postgres://auth_worker@127.0.0.1:1/none',
      SMTP_HOST: '127.0.0.1',
      SMTP_ADMIN_EMAIL: 'auth@example.com',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  program.stdout.on('data', (chunk) => (told += chunk))
  await until(() => told.includes('cannot send mail'))
  program.kill('SIGTERM')
  t.same(await once(program, 'exit'), [0, null])
})

/** Waits until a worker hears nudges. */
function isListening(sql: Sql) {
  return until(async () => {
    const listeners = await sql`
      select from pg_stat_activity
      where usename = 'auth_worker' and datname = current_database() and query ilike 'listen%'
    `
    return listeners.length === 1
  })
}

/** A way to the database that can be cut and mended. */
async function openRoad(host: string, port: number) {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((here) => {
    const there = net.connect(port, host)
    for (const socket of [here, there]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        here.destroy()
        there.destroy()
        sockets.delete(socket)
      })
    }
    here.pipe(there).pipe(here)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = (server.address() as net.AddressInfo).port
  return {
    port: own,
    async cut() {
      if (!server.listening) return
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
    async mend() {
      server.listen(own, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}
