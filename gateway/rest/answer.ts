// Writes the answer to a request that was not refused: status, headers and body as PostgREST has
// them.
//
// Exports: RestAnswer, answerOf.

import { bodiless, restRefused } from './error.ts'
import type { RestRequest } from './request.ts'

/** What auth_private.rest() returns. Counts are text, as Postgres may count far. */
export interface RestAnswer {
  /** What the application itself set as response.status and response.headers. */
  status: string | null
  headers: string | null
  /** The schema to name in the answer. */
  profile: string | null
  target: { key?: string[]; void?: boolean }
  /** How many rows were merged into ones that existed. */
  merged: number | null
  /** How many rows were answered with or written. */
  rows: string
  /** How many rows there are without limit and offset; null where nobody counts. */
  total: string | null
  /** The keys of a new row, a JSON array of names and values. */
  location: string | null
  body: string | null
}

/** @throws Refused with PGRST111 or PGRST112 where the application set what can't be sent */
export function answerOf(asked: RestRequest, answer: RestAnswer): Response {
  const { query } = asked
  const first = BigInt(asked.range.offset)
  const total = answer.total === null ? null : BigInt(answer.total)
  const beyond = total !== null && first > total && isRead(asked)
  const headers = new Headers({ 'content-range': contentRange(asked, BigInt(answer.rows), total) })

  const applied = preferenceApplied(asked, answer)
  if (applied) {
    headers.set('preference-applied', applied)
  }
  if (!answer.target.void && (isRead(asked) || query.body)) {
    const type =
      query.singular && !beyond ? 'application/vnd.pgrst.object+json' : 'application/json'
    headers.set('content-type', `${type}; charset=utf-8`)
    if (answer.profile !== null) {
      headers.set('content-profile', answer.profile)
    }
  }
  if (answer.location !== null && answer.rows === '1') {
    headers.set('location', `/${query.target}?${keysOf(answer.location)}`)
  }
  for (const [name, value] of chosenHeaders(answer.headers)) {
    headers.set(name, value)
  }

  const status = chosenStatus(answer.status) ?? statusOf(asked, answer)
  const body = beyond ? outOfBounds(first, total) : answer.body
  return new Response(bodiless.has(status) ? null : body, { status, headers })
}

function isRead({ query }: RestRequest): boolean {
  return query.action === 'read' || query.action === 'call'
}

function statusOf(asked: RestRequest, answer: RestAnswer): number {
  const { query, range } = asked
  if (query.action === 'insert') {
    const nothingNew = Number(answer.rows) <= (answer.merged ?? 0)
    return query.resolution === 'merge-duplicates' && nothingNew ? 200 : 201
  }
  if (!isRead(asked)) {
    return query.body ? 200 : 204
  }
  if (answer.target.void) {
    return 204
  }
  if (answer.total !== null && BigInt(range.offset) > BigInt(answer.total)) {
    return 416
  }
  return answer.total !== null && BigInt(answer.rows) < BigInt(answer.total) ? 206 : 200
}

/** Content-Range (RFC 9110), with * for rows that are none and for a total that nobody counts. */
function contentRange({ query, range }: RestRequest, rows: bigint, total: bigint | null): string {
  const first = query.action === 'read' || query.action === 'call' ? BigInt(range.offset) : 0n
  const told = query.action === 'insert' || query.action === 'delete' || rows === 0n
  return `${told ? '*' : `${first}-${first + rows - 1n}`}/${total ?? '*'}`
}

/** Preference-Applied (RFC 7240): what was preferred and had an effect. */
function preferenceApplied({ query, preferences }: RestRequest, { target }: RestAnswer): string {
  const resolved = query.action === 'insert' && (query.conflict ?? target.key ?? []).length > 0
  return [
    resolved && preferences.resolution,
    query.action !== 'read' && query.action !== 'call' && preferences.return,
    preferences.count,
    preferences.handling,
  ]
    .filter((preference) => preference)
    .join(', ')
}

function keysOf(location: string): string {
  return (JSON.parse(location) as [string, string | null][])
    .map(([name, value]) => [name, value === null ? 'is.null' : `eq.${value}`])
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&')
}

function outOfBounds(first: bigint, total: bigint): string {
  return JSON.stringify({
    code: 'PGRST103',
    details: `An offset of ${first} was requested, but there are only ${total} rows.`,
    hint: null,
    message: 'Requested range not satisfiable',
  })
}

function chosenStatus(status: string | null): number | null {
  if (status === null || /^[2-5]\d\d$/.test(status)) {
    return status === null ? null : Number(status)
  }
  const message = 'response.status guc must be a valid status code'
  throw restRefused({ status: 500, code: 'PGRST112', message })
}

function chosenHeaders(headers: string | null): [string, string][] {
  try {
    const list = JSON.parse(headers ?? '[]') as Record<string, string>[]
    const chosen = list.flatMap((header) => Object.entries(header))
    // Throws where one is none.
    new Headers(chosen)
    return chosen
  } catch {
    const message =
      'response.headers guc must be a JSON array composed of objects with a single key and a string value'
    throw restRefused({ status: 500, code: 'PGRST111', message })
  }
}
