// Writes answers as GoTrue does, errors in the body of the API version that the client asked for.
//
// Exports: errorResponse, sqlResponse, SqlAnswer.

import { randomUUID } from 'node:crypto'
import type { Refusal } from './refusal.ts'

/** What the dispatcher returns: headers as PostgREST writes them, body as JSON text. */
export interface SqlAnswer {
  status: number
  headers: string | null
  body: string | null
  /** What the call raised, by the names of the driver; then all else is null. */
  raised: object | null
}

const versionHeader = 'x-supabase-api-version'
const newestVersion = '2024-01-01'

/** The answer to a request from the row that the dispatcher returned. */
export function sqlResponse(answer: SqlAnswer, request: Request): Response {
  const headers = new Headers()
  for (const header of JSON.parse(answer.headers || '[]') as Record<string, string>[]) {
    for (const [name, value] of Object.entries(header)) {
      headers.set(name, value)
    }
  }

  // A refusal that had to be remembered comes as a row and not as an error.
  if (answer.status >= 400) {
    const body = JSON.parse(answer.body ?? '{}') as { error_code: string; msg: string }
    const refusal = { status: answer.status, code: body.error_code, message: body.msg }
    return errorResponse(refusal, request, headers)
  }
  if (answer.body === null) {
    return new Response(null, { status: answer.status, headers })
  }
  // What a function gives another type is a page, in a JSON string.
  if (headers.has('content-type')) {
    return new Response(JSON.parse(answer.body) as string, { status: answer.status, headers })
  }
  headers.set('content-type', 'application/json')
  return new Response(answer.body, { status: answer.status, headers })
}

/**
 * An error answer. Clients choose its form by the header X-Supabase-Api-Version: a date from
 * 2024-01-01 on gives {"code", "message"}, anything else {"code", "error_code", "msg"}. An error of
 * OAuth has RFC 6749's form in both.
 */
export function errorResponse(
  refusal: Refusal,
  request: Request,
  headers: Headers = new Headers(),
): Response {
  headers.set('content-type', 'application/json')
  if (refusal.retryAfter !== undefined) {
    headers.set('retry-after', String(refusal.retryAfter))
  }

  if (refusal.oauth !== undefined) {
    return json({ error: refusal.oauth, error_description: refusal.message }, refusal, headers)
  }
  const asked = request.headers.get(versionHeader) ?? ''
  if (/^\d{4}-\d{2}-\d{2}$/.test(asked) && asked >= newestVersion) {
    headers.set(versionHeader, newestVersion)
    if (!refusal.reasons) {
      headers.set('x-sb-error-code', refusal.code)
    }
    return json(
      { code: refusal.code, message: refusal.message, ...weak(refusal) },
      refusal,
      headers,
    )
  }

  headers.set('x-sb-error-code', refusal.code)
  if (refusal.postgres) {
    return json(refusal.postgres, refusal, headers)
  }
  return json(
    {
      code: refusal.status,
      error_code: refusal.code,
      msg: refusal.message,
      ...weak(refusal),
      ...(refusal.status >= 500 && { error_id: randomUUID() }),
    },
    refusal,
    headers,
  )
}

function json(body: object, refusal: Refusal, headers: Headers): Response {
  return new Response(JSON.stringify(body), { status: refusal.status, headers })
}

function weak(refusal: Refusal): object {
  return refusal.reasons ? { weak_password: { reasons: refusal.reasons } } : {}
}
