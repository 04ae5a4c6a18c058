// Mail servers that are ill: the worker's process tries again by itself, keeps the mail meanwhile,
// and no mail comes twice, since none of these servers has said that it took one. What is about our
// login or our sender is no fault of the mail's, so it waits until somebody has mended that.

import t from 'tap'
import { openDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { type Illness, illnesses, openIllMailServer } from './ill_mail_server.ts'
import { startWorkerProgram } from './plant.ts'

// Side by side, since some of them wait for the worker's patience to end.
t.jobs = 10

for (const [illness, said] of Object.entries(illnesses) as [Illness, RegExp][]) {
  t.test(`a mail server that ${illness}`, async (t) => {
    const db = await openDatabase(t)
    const { sql } = db
    const server = await openIllMailServer(t)
    server.fallIll(illness)
    const worker = await startWorkerProgram(t, db.workerUrl, server, {
      SMTP_USER: 'ann',
      SMTP_PASS: 'secret',
    })
    const addresses = Array.from({ length: 5 }, (_, index) => `user${index}@example.com`)
    await sql`
      insert into auth_private.outbox (kind, recipient)
      select 'recovery', unnest(${addresses}::text[])
    `
    await sql`select pg_notify('pgtrue_outbox', '')`

    await until(async () => {
      const tried = await sql`select from auth_private.outbox where last_error is not null`
      return tried.length === addresses.length
    }, 120)
    const faults = await sql<{ parked: boolean; last_error: string }[]>`
      select parked_at is not null as parked, last_error from auth_private.outbox
    `
    t.same(server.received, [])
    t.notOk(faults.some(({ parked }) => parked))
    t.same(
      faults.filter(({ last_error }) => !said.test(last_error)),
      [],
    )

    // Nobody nudges it: the worker knows when mail is due again.
    server.recover()
    await until(async () => (await sql`select from auth_private.outbox`).length === 0, 120)
    t.same([...server.received].sort(), addresses)
    t.equal(worker.process.exitCode, null)
  })
}
