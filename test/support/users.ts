// People of a database of their own, and what they ask for at the door that the gateway uses,
// without HTTP.
//
// Exports: openUsers, openDoor, claimsOf, refusal, faceless, password, Users, Ask, Answer, Session.

import postgres, { type ISql, type JSONValue, type Row, type Sql } from 'postgres'
import type { Test } from 'tap'
import { refusalFrom } from '../../gateway/postgres_error.ts'
import { type Database, openDatabase } from './database.ts'
import { createClock } from './time.ts'

/** What everybody chooses who says nothing else. */
export const password = 'correct horse battery'

export type Session = {
  access_token: string
  refresh_token: string
  token_type: string
  expires_in: number
  expires_at: number
  user: Row
  weak_password?: unknown
}

export type Answer = { status: number; headers: Record<string, string>; body: Row }

export type From = {
  /** Who asks; nobody if left out. */
  as?: Session
  /** Claims that are no session's. */
  claims?: Record<string, JSONValue | undefined>
  /** By their lower-case names. */
  headers?: Record<string, string>
  address?: string
}

/** Calls auth.<routine>, as the gateway does for a request. A refusal is an answer like others. */
export type Ask = (
  routine: string,
  args?: Record<string, JSONValue | undefined>,
  from?: From,
) => Promise<Answer>

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
  await db.settings(settings)
  const { sql } = db
  const ask = openDoor(db.connect(db.gatewayUrl))

  const mailTo = async (email: string) => {
    const [mail] = await sql`
      select o.kind, o.variables
      from auth_private.outbox o
      where o.recipient = ${email} and o.kind <> 'decoy'
      order by o.id desc
      limit 1
    `
    if (!mail) throw new Error(`no mail to ${email}`)
    return { kind: mail.kind, ...mail.variables }
  }
  const signUp = async (email: string, more = {}) =>
    expectStatus<Row>(200, await ask('signup', { email, password, ...more }))

  return {
    ...db,
    ask,
    mailTo,
    signUp,
    async join(email, more) {
      await signUp(email, more)
      const { TokenHash } = await mailTo(email)
      return expectStatus(200, await ask('verify', { type: 'signup', token_hash: TokenHash }))
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

/** The door, for whoever holds this connection of the gateway's login. */
export function openDoor(sql: ISql): Ask {
  return async (routine, args = {}, { as, claims, headers = {}, address } = {}) => {
    const request = { headers, method: 'POST', path: '/', remote_addr: address ?? '127.0.0.1' }
    const bearer = as ? claimsOf(as) : (claims ?? { role: 'anon' })
    try {
      const [row] = await sql`
        select status, headers, body::jsonb as body
        from auth_private.call(
          routine => ${routine},
          args => ${sql.json(args)},
          claims => ${sql.json(bearer as JSONValue)},
          request => ${sql.json(request)},
          required => ${as ? 'user' : 'none'}
        )
      `
      const told = JSON.parse(row?.headers || '[]') as Record<string, string>[]
      return { status: row?.status, headers: Object.assign({}, ...told), body: row?.body }
    } catch (error) {
      if (!isRefusal(error)) throw error
      const { status, code, message, reasons } = refusalFrom(error)
      const weak = reasons && { weak_password: { reasons } }
      return {
        status,
        headers: {},
        body: { code: status, error_code: code, msg: message, ...weak },
      }
    }
  }
}

/** The answer that a refusal is, for a comparison. */
export function refusal(status: number, error_code: string, msg: string): Answer {
  return { status, headers: {}, body: { code: status, error_code, msg } }
}

/**
 * What an answer says to someone who does not know whose it is: ids, times, addresses and how long
 * to wait are left out. For comparing two answers with each other.
 */
export function faceless<Said>(answer: Said): Said {
  const text = JSON.stringify(answer)
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'some id')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'some time')
    .replace(/[\w.+-]+@[\w.-]+/g, 'some address')
    .replace(/after \d+ seconds/g, 'after some seconds')
  return JSON.parse(text) as Said
}

/** The claims of a session's access token, unverified. */
export function claimsOf({ access_token }: Pick<Session, 'access_token'>): Row {
  return JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString())
}

function isRefusal(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code.startsWith('PT')
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
