// The PostgREST-style face: tables, views and functions of the application, under /rest/v1. Here
// is only HTTP; what a request may see is decided by grants and row-level security.
//
// Exports: createRest.

import { type Services, requestOf } from '../app.ts'
import { answerOf, type RestAnswer } from './answer.ts'
import { restErrorFrom, restErrorResponse } from './error.ts'
import { readRestRequest } from './request.ts'
import { isAnonymous, restClaims } from './token.ts'

export function createRest(services: Services): (request: Request) => Promise<Response> {
  return async (request) => {
    let anonymous = true
    try {
      const claims = await restClaims(request, services.verify())
      anonymous = isAnonymous(claims)
      const asked = await readRestRequest(request)
      const told = requestOf(services, request)
      // The path as PostgREST knows it.
      const known = { ...told, path: told.path.slice('/rest/v1'.length) }
      const [row] = await services.database.run(
        'quick',
        (sql) => sql<RestAnswer[]>`
          select status, headers, profile, target, merged, rows, total, location, body
          from auth_private.rest(
            query => ${sql.json(asked.query as never)},
            payload => ${asked.payload},
            operands => ${arrayLiteral(asked.operands)}::text[],
            first => ${asked.range.limit},
            skipped => ${asked.range.offset},
            claims => ${sql.json(claims as never)},
            request => ${sql.json(known)}
          )
        `,
      )
      return answerOf(asked, row as RestAnswer)
    } catch (error) {
      const answer = restErrorFrom(error, anonymous)
      if (answer.status >= 500) {
        services.log.error({ err: error, path: new URL(request.url).pathname }, 'request failed')
      }
      return restErrorResponse(answer)
    }
  }
}

/** As Postgres writes an array of texts: the connection does not know the types of arrays. */
function arrayLiteral(values: (string | null)[]): string {
  const items = values.map((value) =>
    value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`,
  )
  return `{${items.join(',')}}`
}
