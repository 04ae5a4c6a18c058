// What a row of the conformance table can say, and short ways to say it.
//
// A case is a name, the rules it shows, and steps. A step asks over HTTP, or makes what has to be
// there before, or looks at what came of it. Strings may name what an earlier step kept, as
// {ann.id}; every case has {email}, {email2}, {phone} and {phone2} of its own. What is expected may
// hold patterns, as <uuid>: see match.ts.
//
// Exports: Case, Group, Step, Gets, Json, and makers of steps and expectations.

export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json }

export type Gets = {
  status: number
  /** Whole; an object with the key ... may have others. Without it nobody looks. */
  body?: Json
  /** By lower-case names; others may be there. */
  headers?: Record<string, string>
  location?: string
}

export type Step =
  | {
      do: 'ask'
      /** Method and path, with its query. */
      send: string
      /** anon or service for an API key, or whoever has a session. */
      as?: string
      headers?: Record<string, string>
      /** A string is sent as it is. */
      body?: Json
      gets: Gets
      /** The name under which the answer's body, headers, location's parameters are kept. */
      keep?: string
      /** Not asked again in the newer API version, since asking changes something. */
      once?: boolean
    }
  | { do: 'user'; name: string; has: Record<string, Json> }
  | { do: 'session'; name: string; of: string }
  | { do: 'token'; name: string; claims: Record<string, Json>; header?: Record<string, Json> }
  | { do: 'mail'; to: string; says: Json; keep: string }
  | { do: 'sms'; to: string; says: Json; keep: string }
  | { do: 'nothing sent'; to: string }
  | { do: 'passes'; interval: string; of: string }
  | { do: 'sql'; text: string; gives?: Json }
  | { do: 'hold'; text: string }

export type Case = {
  /** A claim. */
  name: string
  /** Ids of rules.ts, separated by spaces. */
  rules: string
  steps: Step[]
}

/** Cases that run side by side under the same settings. */
export type Group = {
  settings?: Record<string, string | number | boolean | null>
  /** Asked until it is answered so: then the gateway has heard of the settings. */
  heard?: Step
  cases: Case[]
}

type Asking = { as?: string; headers?: Record<string, string>; body?: Json; keep?: string }

/** Everybody's password. */
export const password = 'correct horse battery'

export const row = (name: string, rules: string, ...steps: Step[]): Case => ({ name, rules, steps })

/** Asks, and says what is answered. */
export function ask(send: string, asking: Asking | Json, gets: Gets | number, keep?: string): Step {
  const asks = isAsking(asking) ? asking : { body: asking }
  const answer = typeof gets === 'number' ? { status: gets } : gets
  return { do: 'ask', send, ...asks, gets: answer, ...(keep !== undefined && { keep }) }
}

/** As `ask`, but not asked again in the newer API version. */
export function askOnce(...args: Parameters<typeof ask>): Step {
  return { ...(ask(...args) as Extract<Step, { do: 'ask' }>), once: true }
}

/** A whole refusal in the older API version; the runner knows what it is in the newer one. */
export const refused = (status: number, error_code: string, msg: string): Gets => ({
  status,
  headers: { 'x-sb-error-code': error_code },
  body: { code: status, error_code, msg, ...(status >= 500 && { error_id: '<uuid>' }) },
})

/** A confirmed user with everybody's password, made by an admin; `has` is more of that body. */
export const user = (name: string, has: Record<string, Json> = {}): Step => ({
  do: 'user',
  name,
  has,
})
/** A session for somebody, kept under the name: of the user of that name if no other is given. */
export const session = (name: string, of = name): Step => ({ do: 'session', name, of })
/** An access token with these claims, signed by the key in use. */
export const token = (
  name: string,
  claims: Record<string, Json>,
  header?: Record<string, Json>,
): Step => ({ do: 'token', name, claims, ...(header && { header }) })
/** The next mail to an address; keeps code, link and token. */
export const mail = (to: string, says: Json = { '...': true }, keep = 'mail'): Step => ({
  do: 'mail',
  to,
  says,
  keep,
})
/** The next SMS to a number; keeps its code. */
export const sms = (to: string, says: Json = { '...': true }, keep = 'sms'): Step => ({
  do: 'sms',
  to,
  says,
  keep,
})
/** Nothing that is to be read has been queued for the address or number, nor is in the inbox. */
export const nothingSent = (to: string): Step => ({ do: 'nothing sent', to })
/** Lets so much time pass for all that is remembered of a user, or of an address without one. */
export const passes = (interval: string, of: string): Step => ({ do: 'passes', interval, of })
/** A statement in a transaction that stays open until the case ends. */
export const hold = (text: string): Step => ({ do: 'hold', text })
/** A statement of the database's owner; what it gives is an array of rows, a value for one column. */
export const sql = (text: string, gives?: Json): Step => ({
  do: 'sql',
  text,
  ...(gives !== undefined && { gives }),
})
const audited = (condition: string, rows: string[]): Step =>
  sql(
    `select concat_ws(' ', payload ->> 'action', payload ->> 'log_type',
       (payload -> 'traits')::jsonb::text)
     from auth.audit_log_entries where ${condition} order by created_at, ctid`,
    rows,
  )
/** What somebody has done, by id or address, as "action log_type traits" in order. */
export const audit = (actor: string, ...rows: string[]): Step =>
  audited(`'${actor}' in (payload ->> 'actor_username', payload ->> 'actor_id')`, rows)
/** What admins have done to somebody, by address. */
export const auditOfAdmins = (email: string, ...rows: string[]): Step =>
  audited(
    `payload ->> 'actor_username' = 'service_role'
     and payload -> 'traits' ->> 'user_email' = '${email}'`,
    rows,
  )

/** A session in the shape of the API. */
export const sessionBody = (
  user: Json = { '...': true },
  more: Record<string, Json> = {},
): Json => ({
  access_token: '<jwt>',
  token_type: 'bearer',
  expires_in: 3600,
  expires_at: '<number>',
  refresh_token: '<token>',
  user,
  ...more,
})
export const signedIn = (user?: Json, more?: Record<string, Json>): Gets => ({
  status: 200,
  body: sessionBody(user, more),
})

function isAsking(asking: Asking | Json): asking is Asking {
  return (
    typeof asking === 'object' &&
    asking !== null &&
    !Array.isArray(asking) &&
    Object.keys(asking).every((key) => ['as', 'headers', 'body', 'keep'].includes(key))
  )
}
