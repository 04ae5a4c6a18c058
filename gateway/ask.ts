// One statement of a request that other sites have a part in: a function that trusts the gateway, and
// is granted to it alone.
//
// Exports: Ask, createAsk, anon.

import { requestOf, type Services } from './app.ts'
import type { Route } from './routes.ts'
import { sqlResponse, type SqlAnswer } from './respond.ts'

/** Claims of a request without a token. */
export const anon = { role: 'anon' }

interface Asking {
  claims?: object
  /** Who may ask; what claims say of it counts only then. */
  required?: Route['auth']
  /** What GoTrue calls the body, for its messages. */
  params?: string | undefined
}

export function createAsk(services: Services) {
  const { database } = services

  /** @throws what SQL refuses */
  async function ask(
    routine: string,
    args: object,
    request: Request,
    { claims = anon, required = 'none', params = 'Params' }: Asking = {},
  ): Promise<SqlAnswer> {
    const signer = services.signer()
    const offer = signer.offer()
    const [row] = await database.run(
      'quick',
      (sql) => sql<SqlAnswer[]>`
        select status, headers, body
        from auth_private.call_as_gateway(
          routine => ${routine},
          args => ${sql.json(args as never)},
          claims => ${sql.json(claims as never)},
          request => ${sql.json({ ...requestOf(services, request), signer: offer } as never)},
          required => ${required},
          params => ${params}
        )
      `,
    )
    return signer.sign(row as SqlAnswer, offer)
  }

  /**
   * Counts a request against its client's limit before another site is asked, since that is what
   * costs.
   *
   * @returns the answer to a client that has nothing left
   */
  async function limit(route: Route, request: Request, args: object) {
    if (!route.bucket || !database.config().limited) {
      return undefined
    }
    const [row] = await database.run(
      'quick',
      (sql) => sql<(SqlAnswer & { refused: boolean })[]>`
        select refusal is not null as refused, 429 as status, refusal::text as body,
          current_setting('response.headers', true) as headers
        from auth_private.gate(
          bucket => ${route.bucket as string},
          args => ${sql.json(args as never)},
          request => ${sql.json(requestOf(services, request) as never)}
        ) refusal
      `,
    )
    return row?.refused ? sqlResponse(row, request) : undefined
  }

  return { ask, limit }
}

export type Ask = ReturnType<typeof createAsk>['ask']
