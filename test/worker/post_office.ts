// What the worker stands between: an outbox to queue mail in and a mail server that can be ill.
//
// Exports `openPostOffice`.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { pino } from 'pino'
import type { JSONValue } from 'postgres'
import { SMTPServer } from 'smtp-server'
import type { Test } from 'tap'
import { startWorker } from '../../worker/worker.ts'
import { openDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

type Refusal = { at: 'recipient' | 'message'; code: number; says: string }

export type Row = {
  attempts: number
  leased: boolean
  parked: boolean
  last_error: string | null
}

// Of the right shape and easy to find where they must not be.
export const variables = {
  SiteURL: 'https://app.example.com',
  Email: 'ann@example.com',
  NewEmail: 'ann@new.example.com',
  Data: { name: 'Ann' },
  Token: '048213',
  TokenHash: '9f2c41d5a3b84e6f8d1c7a90b2e3f4d5',
  RedirectTo: 'https://app.example.com/welcome',
  ConfirmationURL:
    'https://auth.example.com/verify?token=9f2c41d5a3b84e6f8d1c7a90b2e3f4d5&type=signup&redirect_to=https://app.example.com/welcome',
}

/** Opens a database and a mail server; both are gone when the test `t` ends. */
export async function openPostOffice(t: Pick<Test, 'teardown'>) {
  const db = await openDatabase(t)
  const { sql } = db
  const received: { to: string; mail: ParsedMail }[] = []
  const logged: string[] = []
  const log = pino({ level: 'trace' }, { write: (line) => void logged.push(line) })
  let refusal: Refusal | undefined
  let held: Promise<void> | undefined
  let holding = 0

  const refuse = (at: Refusal['at']) =>
    refusal?.at === at
      ? Object.assign(new Error(refusal.says), { responseCode: refusal.code })
      : undefined

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onRcptTo: (_address, _session, done) => done(refuse('recipient')),
    onData(stream, session, done) {
      const take = async () => {
        const mail = await simpleParser(stream)
        holding++
        await held
        const error = refuse('message')
        if (error) throw error
        for (const { address } of session.envelope.rcptTo) received.push({ to: address, mail })
      }
      take().then(() => done(), done)
    },
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo

  return {
    db,
    sql,
    received,
    logged,
    smtp: { host: '127.0.0.1', port, adminEmail: 'auth@example.com', senderName: 'pgtrue' },

    /** Starts one more worker; what differs from the usual may be given. */
    async work(options: Partial<Parameters<typeof startWorker>[0]> = {}) {
      const worker = await startWorker({
        databaseUrl: db.workerUrl,
        smtp: this.smtp,
        log,
        ...options,
      })
      t.teardown(() => worker.close())
      return worker
    },

    /** Queues a mail as the functions of auth do, and returns its id. */
    async queue(recipient: string, kind = 'confirmation', changes: Record<string, JSONValue> = {}) {
      const { locale = '', ...others } = changes
      const [row] = await sql<{ id: string }[]>`
        insert into auth_private.outbox (kind, recipient, locale, variables)
        values (${kind}, ${recipient}, ${String(locale)}, ${sql.json({ ...variables, ...others })})
        returning id
      `
      return row?.id as string
    },

    /** The mail to this address, once it has come. */
    async next(to: string): Promise<ParsedMail> {
      const at = () => received.findIndex((one) => one.to === to)
      await until(() => at() >= 0)
      return received.splice(at(), 1)[0]?.mail as ParsedMail
    },

    /** What is queued for this address, once nobody is sending it; nothing once it is sent. */
    async settled(recipient: string, attempts: number): Promise<Row | undefined> {
      let row: Row | undefined
      await until(async () => {
        ;[row] = await sql<Row[]>`
          select attempts, leased_until is not null as leased, parked_at is not null as parked,
            last_error
          from auth_private.outbox
          where recipient = ${recipient}
        `
        return row === undefined || (row.attempts === attempts && !row.leased)
      })
      return row
    },

    /** Lets the time pass that a mail waits, for its next attempt or for its lease to end. */
    async letTimePass() {
      await sql`
        with passed as (
          update auth_private.outbox
          set next_attempt_at = now(),
            leased_until = case when leased_until is not null then now() end
        )
        select pg_notify('pgtrue_outbox', '')
      `
    },

    /** From now on the mail server refuses; without arguments it takes mail again. */
    refuse(...[at, code, says]: [] | [Refusal['at'], number, string]) {
      refusal = at && { at, code: code as number, says: says as string }
    },

    /** From now on the mail server keeps its answer to every mail to itself until released. */
    hold() {
      let release = () => {}
      held = new Promise<void>((resolve) => (release = resolve))
      holding = 0
      return {
        begun: () => until(() => holding > 0),
        release: () => {
          held = undefined
          release()
        },
      }
    },
  }
}
