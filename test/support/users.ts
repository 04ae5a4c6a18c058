// People with a database of their own, and what happens to them there.
//
// Exports: openUsers, password, Users, and all that test/support/door.ts exports.

import type { JSONValue, Row, Sql } from 'postgres'
import type { Test } from 'tap'
import { type Database, openDatabase } from './database.ts'
import { type Ask, type Answer, openDoor, type Session } from './door.ts'
import { createClock } from './time.ts'

export * from './door.ts'

/** What everybody chooses who says nothing else. */
export const password = 'correct horse battery'

export type Users = Database & {
  ask: Ask
  /** Signs up and leaves the address unconfirmed: the user. */
  signUp(email: string, more?: Record<string, JSONValue>): Promise<Row>
  /** Signs up and follows the mailed link. */
  join(email: string, more?: Record<string, JSONValue>): Promise<Session>
  /** Signs in, with everybody's password or another. */
  signIn(email: string, other?: string): Promise<Session>
  /** The variables of the newest mail to an address that the worker has not yet sent. */
  mailTo(email: string): Promise<Row>
  /** The newest SMS to a number that the worker has not yet sent: kind, Code and Channel. */
  smsTo(phone: string): Promise<Row>
  /** Signs up by telephone number and types the code. */
  joinByPhone(phone: string, more?: Record<string, JSONValue>): Promise<Session>
  /** How many rows there are: to say that something was left behind, or nothing. */
  rows(): Promise<Record<string, number>>
  /** Lets so much time pass, as "61 seconds", for all that the database remembers. */
  timePasses(interval: string): Promise<void>
  ban(email: string): Promise<void>
}

/** Opens a database with nobody in it; the settings are those that differ from the defaults. */
export async function openUsers(
  t: Pick<Test, 'teardown'>,
  settings: Record<string, JSONValue> = {},
): Promise<Users> {
  const db = await openDatabase(t)
  await db.settings({ rate_limit_email_sent: null, rate_limit_sms_sent: null, ...settings })
  const { sql } = db
  const ask = openDoor(db.connect(db.gatewayUrl))

  const newestTo = async (recipient: string, channel: string) => {
    const [sent] = await sql`
      select o.kind, o.variables
      from auth_private.outbox o
      where o.recipient = ${recipient} and o.channel = ${channel} and o.kind <> 'decoy'
      order by o.id desc
      limit 1
    `
    if (!sent) throw new Error(`no ${channel} to ${recipient}`)
    return { kind: sent.kind, ...sent.variables }
  }
  const mailTo = (email: string) => newestTo(email, 'email')
  const smsTo = (phone: string) => newestTo(phone, 'sms')
  const signUp = async (email: string, more = {}) =>
    expectStatus<Row>(200, await ask('signup', { email, password, ...more }))

  return {
    ...db,
    ask,
    mailTo,
    smsTo,
    signUp,
    async join(email, more) {
      await signUp(email, more)
      const { TokenHash } = await mailTo(email)
      return expectStatus(200, await ask('verify', { type: 'signup', token_hash: TokenHash }))
    },
    async joinByPhone(phone, more) {
      expectStatus(200, await ask('signup', { phone, password, ...more }))
      const { Code } = await smsTo(phone)
      return expectStatus(200, await ask('verify', { type: 'sms', phone, token: Code }))
    },
    async signIn(email, other = password) {
      return expectStatus(200, await ask('signin', { email, password: other }))
    },
    rows: () => countRows(sql),
    timePasses: await createClock(sql),
    async ban(email) {
      await sql`
        update auth.users set banned_until = now() + interval '1 day' where email = ${email}
      `
    },
  }
}

function expectStatus<Body>(status: number, answer: Answer): Body {
  if (answer.status !== status) throw new Error(`answered ${JSON.stringify(answer)}`)
  return answer.body as Body
}

async function countRows(sql: Sql): Promise<Record<string, number>> {
  const [counted] = await sql`
    select
      (select count(*)::integer from auth.users) as users,
      (select count(*)::integer from auth.identities) as identities,
      (select count(*)::integer from auth.sessions) as sessions,
      (select count(*)::integer from auth.flow_state) as flows,
      (select count(*)::integer from auth.one_time_tokens) as links,
      (select count(*)::integer from auth_private.one_time_codes) as codes,
      (select count(*)::integer from auth_private.cooldowns) as waits,
      (select count(*)::integer from auth_private.outbox) as mails,
      (select count(*)::integer from auth.audit_log_entries) as audited
  `
  return { ...counted }
}
