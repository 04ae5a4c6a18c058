// kill -9 of a worker at its worst moments: each mail arrives, and a second time only where the
// first worker had handed it over and could not say so.

import { once } from 'node:events'
import * as net from 'node:net'
import t from 'tap'
import { openInbox } from '../support/inbox.ts'
import { openDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { startWorkerProgram, type Program } from './plant.ts'

const db = await openDatabase(t)
const { sql } = db
const inbox = await openInbox(t)

const variables = { ConfirmationURL: 'https://auth.example.com/verify?token=x', Token: '123456' }

async function queue(recipient: string): Promise<void> {
  await sql`
    insert into auth_private.outbox (kind, recipient, variables)
    values ('confirmation', ${recipient}, ${sql.json(variables)})
  `
}

async function kill(worker: Program): Promise<void> {
  worker.process.kill('SIGKILL')
  await worker.ended
}

/** What a lease is for: the time has come at which the dead worker's mail is due again. */
async function leaseEnds(): Promise<void> {
  await sql`
    update auth_private.outbox set next_attempt_at = now(), leased_until = now()
    where leased_until is not null
  `
}

async function isLeased(recipient: string): Promise<boolean> {
  const rows = await sql`
    select from auth_private.outbox where recipient = ${recipient} and leased_until > now()
  `
  return rows.length === 1
}

/** A second worker sends what the first left: the mails to this address, once nothing is left. */
async function sentByNext(recipient: string): Promise<number> {
  await leaseEnds()
  const next = await startWorkerProgram(t, db.workerUrl, inbox)
  await until(async () => (await sql`select from auth_private.outbox`).length === 0, 30)
  await kill(next)
  return inbox.waiting(recipient).length
}

t.test('killed before it sends: the next one does, once', async (t) => {
  // It takes connections and never greets, so a worker gets no further.
  const mute = net.createServer(() => undefined).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const { port } = mute.address() as net.AddressInfo
  const worker = await startWorkerProgram(t, db.workerUrl, { host: '127.0.0.1', port })
  await queue('before@example.com')
  await until(() => isLeased('before@example.com'))
  await kill(worker)
  mute.close()

  t.equal(await sentByNext('before@example.com'), 1)
})

t.test(
  'killed while it claims: the claim is taken back by time, and the mail sent once',
  async (t) => {
    const worker = await startWorkerProgram(t, db.workerUrl, inbox)
    const holder = await sql.reserve()
    await holder`begin`
    await holder`lock table auth_private.outbox in exclusive mode`
    await holder`
    insert into auth_private.outbox (kind, recipient, variables)
    values ('confirmation', 'claim@example.com', ${holder.json(variables)})
  `
    const claims = () => sql`
    select pid from pg_stat_activity
    where usename = 'auth_worker' and datname = current_database() and wait_event_type = 'Lock'
      and query like '%claim_mail%'
  `
    // The lock stands in the way of a claim that another mail makes it start.
    await sql`select pg_notify('pgtrue_outbox', '')`
    await until(async () => (await claims()).length > 0, 30)
    await kill(worker)
    await holder`commit`
    holder.release()
    // Postgres finishes what the dead asked for.
    await until(() => isLeased('claim@example.com'))

    t.equal(await sentByNext('claim@example.com'), 1)
  },
)

t.test('killed between hand-over and note: sent once more', async (t) => {
  // Noting that a mail was sent waits for a lock of ours.
  await sql.unsafe(`
    create function public.wait_for_test() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(4711);
      return old;
    end $$;
    create trigger wait_for_test before delete on auth_private.outbox for each row
      execute function public.wait_for_test();
  `)
  const worker = await startWorkerProgram(t, db.workerUrl, inbox)
  const holder = await sql.reserve()
  await holder`select pg_advisory_lock(4711)`
  await queue('after@example.com')
  const noting = () => sql<{ pid: number }[]>`
    select pid from pg_stat_activity
    where usename = 'auth_worker' and datname = current_database() and wait_event = 'advisory'
  `
  await until(() => inbox.waiting('after@example.com').length === 1, 30)
  await until(async () => (await noting()).length > 0, 30)
  await kill(worker)
  // The worker's note dies with it.
  for (const { pid } of await noting()) await sql`select pg_terminate_backend(${pid})`
  await sql`drop function public.wait_for_test cascade`
  await holder`select pg_advisory_unlock(4711)`
  holder.release()

  t.equal(await sentByNext('after@example.com'), 2)
})
