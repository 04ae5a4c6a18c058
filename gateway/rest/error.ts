// Errors of the PostgREST-style face: {code, details, hint, message}, with PostgREST's codes and
// statuses.
//
// Exports: RestError, bodiless, restRefused, notImplemented, restErrorFrom, restErrorResponse.

import postgres from 'postgres'
import { isConnectionFailure } from '../postgres_error.ts'
import { type Refusal, refusals } from '../refusal.ts'
import { Refused } from '../refused.ts'

/** An error answer as PostgREST writes it. */
export interface RestError {
  status: number
  code: string
  message: string
  details?: string | null
  hint?: string | null
  headers?: Record<string, string>
}

/**
 * Statuses by the beginning of the SQLSTATE, what is more exact first; any other is 400. Two differ
 * from PostgREST's: class 54 and 55000 are no 500, since it takes only a long value in an indexed
 * column, or an insert into a view that can't take one; and class 28 is, since it is our own login
 * that failed.
 */
const statuses: [string, number][] = [
  ['21000', 500],
  ['23503', 409],
  ['23505', 409],
  ['25006', 405],
  ['42501', 403],
  ['42883', 404],
  ['42P01', 404],
  ['42P17', 500],
  ['53400', 500],
  ['55000', 400],
  ['57014', 504],
  ['P0001', 400],
  ...group(403, ['0L', '0P']),
  ...group(500, ['09', '25', '28', '2D', '38', '39', '3B', '40', '55', '57', '58', 'F0', 'HV']),
  ...group(500, ['P0', 'PT', 'XX']),
  ...group(503, ['08', '53']),
]

/** Statuses of answers that can't have a body. */
export const bodiless = new Set([204, 205, 304])

/** To be thrown where a request can't go on. */
export function restRefused(error: RestError): Refused {
  const { status, code, message, details, hint } = error
  return new Refused({
    status,
    code,
    message,
    postgres: { code, message, ...(details && { detail: details }), ...(hint && { hint }) },
  })
}

/** The refusal of what PostgREST can do and this face can't; feature names it. */
export function notImplemented(feature: string): Refused {
  return restRefused({
    status: 400,
    code: 'PGRST127',
    message: 'Feature not implemented',
    details: feature,
    hint: 'PostgREST can do it: set POSTGREST_URL, as docs/postgrest.md describes.',
  })
}

/**
 * The error answer behind whatever was thrown.
 *
 * @param anonymous whether the request bore no user's token: then a lack of rights is 401
 */
export function restErrorFrom(error: unknown, anonymous: boolean): RestError {
  if (error instanceof Refused) {
    return fromRefusal(error.refusal)
  }
  if (isConnectionFailure(error)) {
    const headers = { 'retry-after': '1' }
    return { status: 503, code: 'PGRST000', message: 'Database connection error.', headers }
  }
  if (!(error instanceof postgres.PostgresError)) {
    return { status: 500, code: 'PGRSTX00', message: refusals.unexpected().message }
  }
  return error.code === 'PGRST' ? fromRaised(error) : fromSqlState(error, anonymous)
}

/** Writes the answer. */
export function restErrorResponse(error: RestError): Response {
  const { status, code, message, details = null, hint = null } = error
  const headers = new Headers(error.headers)
  headers.set('content-type', 'application/json; charset=utf-8')
  if (status === 401) {
    const reason = `error="invalid_token", error_description=${JSON.stringify(message)}`
    headers.set('www-authenticate', code.startsWith('PGRST30') ? `Bearer ${reason}` : 'Bearer')
  }
  const body = bodiless.has(status) ? null : JSON.stringify({ code, details, hint, message })
  return new Response(body, { status, headers })
}

function fromRefusal(refusal: Refusal): RestError {
  const { status, code, message, postgres: more, retryAfter } = refusal
  if (!more) {
    // The lane is full: the one refusal on this way that is not made here.
    return { status, code: 'PGRST003', message, headers: { 'retry-after': String(retryAfter) } }
  }
  return { status, code, message, details: more.detail ?? null, hint: more.hint ?? null }
}

function fromSqlState(error: postgres.PostgresError, anonymous: boolean): RestError {
  const { code, message } = error
  const status = statuses.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400
  const chosen = Number(/^PT([2-5]\d\d)$/.exec(code)?.[1])
  if (code === '57014') {
    return { status, code, message: refusals.timeout().message }
  }
  if (!chosen && status >= 500) {
    return { status, code, message: refusals.unexpected().message }
  }

  return {
    status: chosen || (code === '42501' && anonymous ? 401 : status),
    code,
    message,
    // PostgREST also shows the detail of a violated constraint. But that quotes rows, which may be
    // other people's, so only what was raised on purpose has a detail here.
    details: chosen || code === 'P0001' ? (error.detail ?? null) : null,
    hint: error.hint ?? null,
  }
}

/** An answer that SQL chose in full: the error as JSON in the message, its status in the detail. */
function fromRaised({ message, detail }: postgres.PostgresError): RestError {
  const said = objectOf(message)
  if (typeof said.code !== 'string' || typeof said.message !== 'string') {
    return notParsed(
      `Invalid JSON value for MESSAGE: '${message}'`,
      "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
    )
  }
  try {
    const { status, headers } = objectOf(detail ?? '') as Pick<RestError, 'status' | 'headers'>
    // Throws where the status or a header is none.
    new Response(null, { status, ...(headers && { headers }) })
    return { ...said, status, ...(headers && { headers }) } as RestError
  } catch {
    return notParsed(
      detail
        ? `Invalid JSON value for DETAIL: '${detail}'`
        : 'DETAIL is missing in the RAISE statement',
      "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.",
    )
  }
}

function notParsed(details: string, hint: string): RestError {
  const message = 'Could not parse JSON in the "RAISE SQLSTATE \'PGRST\'" error'
  return { status: 500, code: 'PGRST121', message, details, hint }
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function group(status: number, prefixes: string[]): [string, number][] {
  return prefixes.map((prefix) => [prefix, status])
}
