// Lets browsers in from any origin: there are no cookies, so an origin proves nothing.
//
// Exports: preflight, allowOrigin.

const allowed = [
  'accept',
  'authorization',
  'content-type',
  'x-client-ip',
  'x-client-info',
  'x-jwt-aud',
  'x-use-cookie',
  'x-supabase-api-version',
  // What a gateway in front of GoTrue and PostgREST adds for their clients.
  'apikey',
  'prefer',
  'range',
  'range-unit',
  'accept-profile',
  'content-profile',
  'x-retry-count',
]
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']
const exposed =
  'X-Total-Count, Link, X-Supabase-Api-Version, Content-Range, Content-Location, Preference-Applied'

/**
 * The answer to a CORS preflight: 204, with permission only if method and all headers are allowed.
 *
 * @param more further header names that the settings allow
 */
export function preflight(request: Request, more: string[]): Response {
  const headers = new Headers()
  allowOrigin(headers)
  headers.append('vary', 'Access-Control-Request-Method')
  headers.append('vary', 'Access-Control-Request-Headers')

  const method = request.headers.get('access-control-request-method') ?? ''
  const wanted = request.headers.get('access-control-request-headers') ?? ''
  const names = new Set([...allowed, ...more.map((name) => name.toLowerCase())])
  const known = wanted
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .every((name) => name === '' || names.has(name))
  if (methods.includes(method) && known) {
    headers.set('access-control-allow-methods', method)
    headers.set('access-control-allow-headers', wanted)
  }
  return new Response(null, { status: 204, headers })
}

/** Marks an answer as readable by every origin. */
export function allowOrigin(headers: Headers): void {
  headers.set('access-control-allow-origin', '*')
  headers.set('access-control-allow-credentials', 'true')
  headers.set('access-control-expose-headers', exposed)
  headers.append('vary', 'Origin')
}
