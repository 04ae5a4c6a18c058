// The door that the gateway uses, without HTTP: what is asked there and what is answered.
//
// Exports: openDoor, claimsOf, refusal, faceless, Ask, From, Answer, Session.

import postgres, { type ISql, type JSONValue, type Row } from 'postgres'
import { refusalFrom } from '../../gateway/postgres_error.ts'

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
    .replace(/"[1-9]\d{9,14}"/g, '"some number"')
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
