// The PostgREST-style face: tables and views of the application, under /rest/v1. Here is only
// HTTP; what a request may see is decided by grants and row-level security.
//
// Exports: createRest.

import { type Services, requestOf } from './app.ts'
import { bodiless, restErrorFrom, restErrorResponse } from './rest_error.ts'
import { type RestRequest, readRestRequest } from './rest_request.ts'
import { isAnonymous, restClaims } from './rest_token.ts'

/** What auth_private.rest() returns. */
interface RestAnswer {
  status: number
  /** As PostgREST writes them, from the setting response.headers. */
  headers: string | null
  /** The schema to name in the answer. */
  profile: string | null
  total: string
  body: string | null
}

export function createRest(services: Services): (request: Request) => Promise<Response> {
  return async (request) => {
    let anonymous = true
    try {
      const claims = await restClaims(request, services.verify())
      anonymous = isAnonymous(claims)
      const asked = await readRestRequest(request)
      const [row] = await services.database.run(
        'quick',
        (sql) => sql<RestAnswer[]>`
          select status, headers, profile, total, body
          from auth_private.rest(
            query => ${sql.json(asked.query as never)},
            payload => ${asked.payload},
            claims => ${sql.json(claims as never)},
            request => ${sql.json(requestOf(services, request))}
          )
        `,
      )
      return respond(asked, row as RestAnswer)
    } catch (error) {
      const answer = restErrorFrom(error, anonymous)
      if (answer.status >= 500) {
        services.log.error({ err: error, path: new URL(request.url).pathname }, 'request failed')
      }
      return restErrorResponse(answer)
    }
  }
}

function respond({ query, applied }: RestRequest, answer: RestAnswer): Response {
  const headers = new Headers({ 'content-range': rangeOf(query, Number(answer.total)) })
  if (applied) {
    headers.set('preference-applied', applied)
  }
  if (query.action === 'read' || query.representation) {
    const type = query.singular ? 'application/vnd.pgrst.object+json' : 'application/json'
    headers.set('content-type', `${type}; charset=utf-8`)
  }
  if (answer.profile !== null && headers.has('content-type')) {
    headers.set('content-profile', answer.profile)
  }
  for (const header of JSON.parse(answer.headers || '[]') as Record<string, string>[]) {
    for (const [name, value] of Object.entries(header)) {
      headers.set(name, value)
    }
  }
  const { status, body } = answer
  return new Response(bodiless.has(status) ? null : body, { status, headers })
}

/** Content-Range, with * for a total that nobody counts. */
function rangeOf({ action, offset }: RestRequest['query'], total: number): string {
  if (action === 'insert' || total === 0) {
    return '*/*'
  }
  const first = Number(offset ?? 0)
  return `${first}-${first + total - 1}/*`
}
