// Reads a request's arguments: JSON body, query and headers, as clients of GoTrue send them.
//
// Exports: argumentsOf, checkTypes.

import { refusals } from './refusal.ts'
import { Refused } from './refused.ts'
import type { Route } from './routes.ts'

/**
 * The arguments of the route's function. The content type is not looked at, but
 * for a form, and keys match in any case. An argument that the route takes from the path or the query is never taken from the body.
 *
 * @param path the arguments that the path holds
 * @throws Refused with bad_json
 */
export async function argumentsOf(
  route: Route,
  request: Request,
  path: Record<string, string> = {},
): Promise<object> {
  const body = route.params ? await readJson(request, route.params, route.bodyOptional) : {}
  const query = new URL(request.url).searchParams
  const named = (name: string) =>
    (name === 'redirect_to' && request.headers.get(name)) || query.get(name)
  for (const name of route.query ?? []) {
    delete body[name]
  }
  for (const name of [...(route.query ?? []), ...(route.queryElse ?? [])]) {
    body[name] ||= named(name) || null
  }
  const args = { ...body, ...path }
  const fault = faultOfTexts(args)
  if (fault) {
    throw new Refused(refusals.notJson(fault))
  }
  return args
}

/**
 * That arguments which SQL is not given have the types of the API; null is as good as absent.
 *
 * @param params what GoTrue calls the body
 * @throws Refused with bad_json, in GoTrue's words
 */
export function checkTypes(
  params: string,
  types: Record<string, 'string' | 'boolean'>,
  args: Record<string, unknown>,
): void {
  const inGo = (type: string) => (type === 'boolean' ? 'bool' : type)
  for (const [name, type] of Object.entries(types)) {
    const value = args[name] ?? undefined
    if (value !== undefined && typeof value !== type) {
      const is = Array.isArray(value) ? 'array' : inGo(typeof value)
      const field = `Go struct field ${params}.${name} of type ${inGo(type)}`
      throw new Refused(refusals.notJson(`json: cannot unmarshal ${is} into ${field}`))
    }
  }
}

async function readJson(
  request: Request,
  params: string,
  optional = false,
): Promise<Record<string, unknown>> {
  // GoTrue has read a form before it looks for JSON, and then finds nothing.
  const form = /^application\/x-www-form-urlencoded\b/i.test(
    request.headers.get('content-type') ?? '',
  )
  const text = form ? '' : await request.text()
  if (text === '' && optional) {
    return {}
  }
  if (text.trim() === '') {
    throw new Refused(refusals.notJson('unexpected end of JSON input'))
  }

  const body = parse(text)
  if (body === null) {
    return {}
  }
  if (isDeeperThan(maxDepth, body)) {
    throw new Refused(refusals.notJson('exceeded max depth'))
  }
  if (typeof body !== 'object' || Array.isArray(body)) {
    const type = Array.isArray(body) ? 'array' : typeof body === 'boolean' ? 'bool' : typeof body
    throw new Refused(
      refusals.notJson(`json: cannot unmarshal ${type} into Go value of type api.${params}`),
    )
  }
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key.toLowerCase(), value]))
}

/** Far above what anyone means, and far below what exhausts a stack here or in Postgres. */
const maxDepth = 500

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return false
  }
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner))
}

/** What Postgres would refuse a text for, and write the text into its log while doing so. */
function faultOfTexts(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value.includes('\0')
      ? 'a text may not hold the character U+0000'
      : isWellFormed(value)
        ? undefined
        : 'a text holds half of a surrogate pair'
  }
  if (typeof value !== 'object' || value === null) {
    return undefined
  }
  for (const text of Object.entries(value).flat()) {
    const fault = faultOfTexts(text)
    if (fault) {
      return fault
    }
  }
  return undefined
}

/** String.prototype.isWellFormed, which this version of TypeScript does not know. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the body, which may hold a password.
    throw new Refused(refusals.notJson('invalid character in JSON text'))
  }
}
