// The gateway as a function from Request to Response: the routes, and what all of them share.
//
// Exports: createApp.

import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logger } from 'pino'
import { argumentsOf } from './body.ts'
import { allowOrigin, preflight } from './cors.ts'
import type { Database } from './database.ts'
import { beCareful, pagePolicy } from './headers.ts'
import type { Metrics } from './metrics.ts'
import { factsOf, type Sites } from './facts.ts'
import { createFederation } from './federation.ts'
import { raisedError, refusalFrom } from './postgres_error.ts'
import { refusals } from './refusal.ts'
import { Refused } from './refused.ts'
import { errorResponse, sqlResponse, type SqlAnswer } from './respond.ts'
import { restErrorResponse } from './rest/error.ts'
import { createRest } from './rest/rest.ts'
import { type Route, routes } from './routes.ts'
import type { Signer } from './sign.ts'
import { bearerOf, type createVerifier } from './token.ts'

const maxBody = 1024 * 1024

export interface Services {
  database: Database
  /** The verifier of the present keys. */
  verify: () => ReturnType<typeof createVerifier>
  /** The signer that has what the present key in use needs. */
  signer: () => Signer
  /** Whom the request comes from. */
  remoteAddress: (request: Request) => string
  sites: Sites
  log: Logger
  metrics: Metrics
  /** Hands /rest/v1 to PostgREST; without it the face that is built in answers. */
  forward?: (request: Request) => Promise<Response>
  /** What people see who open these paths in a browser. */
  pages?: Record<string, Page>
}

/** A file to serve as it is. */
export interface Page {
  type: string
  text: string
}

export function createApp(services: Services): (request: Request) => Promise<Response> {
  const app = new Hono({ strict: false })
  const { forward } = services
  if (forward) {
    // Before the limit of bodies, which are streamed on.
    app.all('/rest/v1/*', (c) => forward(c.req.raw))
  }

  const limited = bodyLimit({ maxSize: maxBody, onError: (c) => tooLarge(c.req.raw) })
  app.use((c, next) => {
    const { method, headers } = c.req.raw
    const length = headers.get('content-length')
    // Looking at a body costs as much as half of the request, so its length is asked where it has one.
    if (headers.has('transfer-encoding') || (length === null && method !== 'GET')) {
      return limited(c, next)
    }
    return Number(length) > maxBody ? Promise.resolve(tooLarge(c.req.raw)) : next()
  })
  const federation = createFederation(services)
  for (const path of new Set(routes.map((route) => route.path))) {
    const lines = routes.filter((route) => route.path === path)
    app.all(path, (c) => answer(services, federation, lines, c.req.raw, c.req.param()))
    app.all(`/auth/v1${path}`, (c) => answer(services, federation, lines, c.req.raw, c.req.param()))
  }
  const rest = createRest(services)
  app.all('/rest/v1/*', (c) => rest(c.req.raw))
  app.get('/metrics', () => services.metrics.expose())
  app.notFound((c) => {
    const page = c.req.method === 'GET' ? services.pages?.[new URL(c.req.url).pathname] : undefined
    if (!page) return c.text('404 page not found\n', 404)
    const { type, text } = page
    return c.body(text, 200, {
      'content-type': type,
      ...(type.startsWith('text/html') && { 'content-security-policy': pagePolicy(text) }),
    })
  })
  app.onError((error, c) => {
    const refusal = error instanceof Refused ? error.refusal : refusalFrom(error)
    // Who is gone before all was sent is told nothing, and is no failure of ours.
    if (refusal.status >= 500 && !c.req.raw.signal.aborted) {
      services.log.error({ err: error, path: c.req.path }, 'request failed')
    }
    return errorResponse(refusal, c.req.raw)
  })

  return (request) => observed(services, request, () => app.fetch(request))
}

/** The rest of the body is left unread, so nothing else can come over this connection. */
function tooLarge(request: Request): Response {
  const refusal = refusals.tooLarge(maxBody)
  const headers = { connection: 'close' }
  return new URL(request.url).pathname.startsWith('/rest/v1/')
    ? restErrorResponse({ status: 413, code: 'PGRST102', message: refusal.message, headers })
    : errorResponse(refusal, request, new Headers(headers))
}

async function answer(
  services: Services,
  federation: ReturnType<typeof createFederation>,
  lines: Route[],
  request: Request,
  path: Record<string, string>,
): Promise<Response> {
  const offered = lines.filter((line) => line.method === request.method)
  if (offered.length === 0) {
    return new Response(null, { status: 405 })
  }
  const grant = new URL(request.url).searchParams.get('grant_type')
  const route = offered.find((line) => !line.grant || line.grant === grant)
  if (!route) {
    throw new Refused(refusals.grantTypeUnknown())
  }

  const claims = route.auth === 'none' ? { role: 'anon' } : await claimsOf(services, request)
  const args = await argumentsOf(route, request, path).catch(async (unread: unknown) => {
    // Who may not ask is told that first.
    if (route.auth !== 'none') {
      await services.database.run(
        'quick',
        (sql) => sql`select auth_private.admit(${sql.json(claims as never)}, ${route.auth})`,
      )
    }
    throw unread
  })
  if (route.federated) {
    return federation[route.federated](route, request, args as Record<string, unknown>, claims)
  }
  const facts = await factsOf(services, route, request, args)
  // SQL knows as well whether clients are limited, but to ask it would cost something.
  const bucket = services.database.config().limited ? route.bucket : undefined
  const signer = services.signer()
  const offer = signer.offer()
  const [row] = await services.database.run(
    route.hashes ? 'hash' : 'quick',
    (sql) => sql<SqlAnswer[]>`
      select status, headers, body, raised
      from auth_private.call(
        routine => ${route.routine},
        args => ${sql.json(args as never)},
        claims => ${sql.json(claims as never)},
        request => ${sql.json({ ...requestOf(services, request), ...facts, signer: offer } as never)},
        required => ${route.auth},
        params => ${route.params ?? ''},
        bucket => ${bucket ?? ''}
      )
    `,
  )
  if (row?.raised) {
    throw raisedError(row.raised)
  }
  return sqlResponse(await signer.sign(row as SqlAnswer, offer), request)
}

async function claimsOf(services: Services, request: Request): Promise<object> {
  const token = bearerOf(request)
  if (token === null) {
    throw new Refused(refusals.noBearer())
  }
  return services.verify()(token)
}

/** What SQL may know of a request, under PostgREST's names. */
export function requestOf(services: Services, request: Request) {
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    headers: Object.fromEntries(request.headers),
    remote_addr: services.remoteAddress(request),
  }
}

async function observed(
  services: Services,
  request: Request,
  respond: () => Response | Promise<Response>,
): Promise<Response> {
  const began = performance.now()
  const { pathname } = new URL(request.url)
  const response = await (request.method === 'OPTIONS'
    ? preflight(request, services.database.config().corsAllowedHeaders)
    : respond())
  if (request.method !== 'OPTIONS') {
    allowOrigin(response.headers)
  }
  beCareful(response.headers, pathname)

  const seconds = (performance.now() - began) / 1000
  services.metrics.count(request.method, pathname, response.status, seconds)
  // The path without its query, which holds tokens.
  services.log.info(
    { id: randomUUID(), method: request.method, path: pathname, status: response.status, seconds },
    'request',
  )
  return response
}
