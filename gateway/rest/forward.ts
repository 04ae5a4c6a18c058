// Hands /rest/v1 to a PostgREST, which then answers instead of the face that is built in. Request
// and answer are streamed and keep their headers; connections are kept open between requests.
//
// Exports: createForward.

import { HTTPException } from 'hono/http-exception'
import { proxy } from 'hono/proxy'
import type { Logger } from 'pino'
import { type RestError, restErrorResponse } from './error.ts'

export interface ForwardOptions {
  /** Where PostgREST listens, POSTGREST_URL. */
  url: string
  log: Logger
  /** How many milliseconds it has to begin an answer. */
  patience: () => number
}

const unreachable = {
  status: 502,
  code: 'POSTGREST_UNREACHABLE',
  message: 'PostgREST can not be reached',
  hint: 'Does it run where POSTGREST_URL says?',
}
const late = {
  status: 504,
  code: 'POSTGREST_TIMEOUT',
  message: 'PostgREST did not answer in time',
  hint: 'The setting api_max_request_duration says how long to wait.',
}

export function createForward(options: ForwardOptions): (request: Request) => Promise<Response> {
  const { url, log, patience } = options
  const base = url.replace(/\/+$/, '')

  return async (request) => {
    const { pathname, search } = new URL(request.url)
    const waiting = new AbortController()
    const timer = setTimeout(() => waiting.abort(), patience())
    try {
      return await proxy(`${base}${pathname.slice('/rest/v1'.length) || '/'}${search}`, {
        raw: request,
        strictConnectionProcessing: true,
        // After the answer has begun, only a client that goes away ends it.
        signal: AbortSignal.any([request.signal, waiting.signal]),
        customFetch: (forwarded) => fetch(addressed(forwarded, request)),
      })
    } catch (error) {
      return restErrorResponse(failure(error, waiting.signal.aborted))
    } finally {
      clearTimeout(timer)
    }
  }

  function failure(error: unknown, isLate: boolean): RestError {
    if (error instanceof HTTPException) {
      return { status: error.status, code: 'PGRST102', message: error.message }
    }
    const answer = isLate ? late : unreachable
    log.error({ err: error }, answer.message)
    return answer
  }
}

/** The request as PostgREST is to see it. */
function addressed(forwarded: Request, request: Request): Request {
  // It was for us, and answered here.
  forwarded.headers.delete('host')
  forwarded.headers.delete('expect')
  // An API key alone is a token here, so it is there, too.
  const apikey = request.headers.get('apikey')
  if (apikey && !request.headers.has('authorization')) {
    forwarded.headers.set('authorization', `Bearer ${apikey}`)
  }
  return forwarded
}
