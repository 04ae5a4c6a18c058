// Reads a request's arguments: JSON body, query and headers, as clients of GoTrue send them.
//
// Exports: argumentsOf.

import { refusals } from './refusal.ts'
import { Refused } from './refused.ts'
import type { Route } from './routes.ts'

/**
 * The arguments of the route's function. The content type is not looked at and keys match in any
 * case. An argument that the route takes from the query is never taken from the body.
 *
 * @throws Refused with bad_json
 */
export async function argumentsOf(route: Route, request: Request): Promise<object> {
  const body = route.params ? await readJson(request, route.params) : {}
  const query = new URL(request.url).searchParams
  for (const name of route.query ?? []) {
    const header = name === 'redirect_to' ? request.headers.get(name) : null
    const value = header || query.get(name)
    delete body[name]
    if (value) {
      body[name] = value
    }
  }
  return body
}

async function readJson(request: Request, params: string): Promise<Record<string, unknown>> {
  const text = await request.text()
  if (text.trim() === '') {
    throw new Refused(refusals.notJson('unexpected end of JSON input'))
  }

  const body = parse(text)
  if (body === null) {
    return {}
  }
  if (typeof body !== 'object' || Array.isArray(body)) {
    const type = Array.isArray(body) ? 'array' : typeof body === 'boolean' ? 'bool' : typeof body
    throw new Refused(
      refusals.notJson(`json: cannot unmarshal ${type} into Go value of type api.${params}`),
    )
  }
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key.toLowerCase(), value]))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the body, which may hold a password.
    throw new Refused(refusals.notJson('invalid character in JSON text'))
  }
}
