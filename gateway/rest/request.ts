// Reads an HTTP request in PostgREST's grammar into a description of what it asks for. Nothing
// that is given is ignored: what PostgREST knows and this face doesn't is refused by name.
//
// Exports: RestQuery, RestRequest, readRestRequest.

import { notImplemented, restRefused } from './error.ts'
import { createFilterReader, type Filter, isOperation } from './filter.ts'
import {
  type OrderTerm,
  type SelectItem,
  parseColumns,
  parseOrder,
  parseSelect,
} from './grammar.ts'
import { isSingular, type Preferences, preferencesOf } from './headers.ts'
import { readArguments, readRows } from './payload.ts'
import { type Range, rangeOf } from './range.ts'

export type Action = 'read' | 'insert' | 'update' | 'delete' | 'call'

/** The argument query of auth_private.rest(). */
export interface RestQuery {
  action: Action
  /** A table, a view or a function. */
  target: string
  /** The schema asked for; null for the first that is exposed. */
  profile: string | null
  select: SelectItem[]
  filters: Filter[]
  order: OrderTerm[]
  /** The columns to write or the arguments to call with. */
  columns: string[]
  /** Whether the arguments are the first operands, and not in the payload. */
  direct: boolean
  resolution: string | null
  /** The columns that make a row the same as another; null for the primary key. */
  conflict: string[] | null
  count: boolean
  singular: boolean
  /** Whether the answer has a body. */
  body: boolean
  /** Whether it has a Location. */
  location: boolean
}

export interface RestRequest {
  query: RestQuery
  /** The values that the query refers to. */
  operands: string[]
  payload: string | null
  range: Range
  preferences: Preferences
}

type Params = [name: string, value: string][]

const actions: Record<string, Action> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'insert',
  PATCH: 'update',
  DELETE: 'delete',
}
/** Parameters with a meaning of their own, and the actions that have a use for them. */
const reserved = new Map<string, Action[]>([
  ['select', ['read', 'insert', 'update', 'delete', 'call']],
  ['order', ['read', 'insert', 'update', 'delete', 'call']],
  ['limit', ['read', 'call']],
  ['offset', ['read', 'call']],
  ['columns', ['insert', 'update', 'call']],
  ['on_conflict', ['insert']],
])

/** @throws Refused, in PostgREST's words */
export async function readRestRequest(request: Request): Promise<RestRequest> {
  const { method, headers } = request
  const url = new URL(request.url)
  const { action, target } = actionOf(method, url.pathname)
  const reads = method === 'GET' || method === 'HEAD'
  const direct = action === 'call' && reads

  const params = [...url.searchParams]
  const more = params.filter(([name]) => !reserved.has(name))
  const given = Object.fromEntries(params.filter(([name]) => reserved.has(name)))
  const isArgument = ([name, value]: [string, string]) =>
    direct && !isLogic(name) && !isOperation(value)
  const passed = more.filter(isArgument)
  const filters = more.filter((param) => !isArgument(param))
  refuseMisplaced(action, method, params, filters)

  const preferences = preferencesOf(headers)
  const range = rangeOf(given.limit, given.offset, method === 'GET' ? headers.get('range') : null)
  const read = action === 'call' ? readArguments : readRows
  const hasBody = !reads && action !== 'delete'
  const payload = hasBody ? await read(request, given.columns) : null
  const operands = passed.map(([, value]) => value)

  const query: RestQuery = {
    action,
    target,
    profile: headers.get(reads ? 'accept-profile' : 'content-profile'),
    select: parseSelect(given.select ?? ''),
    filters: conditionOf(filters, operands),
    order: given.order === undefined ? [] : parseOrder(given.order),
    columns: payload?.columns ?? passed.map(([name]) => name),
    direct,
    resolution: preferences.resolution?.split('=')[1] ?? null,
    conflict: given.on_conflict ? parseColumns('on_conflict', given.on_conflict) : null,
    count: preferences.count !== undefined,
    singular: isSingular(headers),
    body:
      action === 'read' || action === 'call'
        ? method !== 'HEAD'
        : preferences.return === 'return=representation',
    location: action === 'insert' && preferences.return === 'return=headers-only',
  }
  return { query, operands, payload: payload?.json ?? null, range, preferences }
}

function actionOf(method: string, pathname: string): { action: Action; target: string } {
  const path = pathname.replace(/^\/rest\/v1\/?/, '')
  const [first = '', ...rest] = path.split('/').map(decoded)
  if (path === '') {
    const message = 'Root endpoint metadata is disabled'
    throw restRefused({ status: 404, code: 'PGRST126', message })
  }
  const action = actions[method]
  if (first === 'rpc' && rest.length === 1 && rest[0] !== undefined) {
    if (action !== 'read' && action !== 'insert') {
      const message = `Cannot use the ${method} method on RPC`
      throw restRefused({ status: 405, code: 'PGRST101', message })
    }
    return { action: 'call', target: rest[0] }
  }
  if (first === '' || rest.length > 0) {
    const message = 'Invalid path specified in request URL'
    throw restRefused({ status: 404, code: 'PGRST125', message })
  }
  if (method === 'PUT') {
    throw notImplemented('The method PUT')
  }
  if (action === undefined) {
    const message = `Unsupported HTTP method: ${method}`
    throw restRefused({ status: 405, code: 'PGRST117', message })
  }
  return { action, target: first }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

function refuseMisplaced(action: Action, method: string, params: Params, filters: Params): void {
  const names = params.map(([name]) => name)
  const twice = [...reserved.keys()].find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (twice) {
    const message = `The parameter ${twice} is given twice`
    throw restRefused({ status: 400, code: 'PGRST100', message })
  }
  const misplaced = names.find((name) => reserved.get(name)?.includes(action) === false)
  const filter = action === 'insert' ? filters[0]?.[0] : undefined
  if (misplaced !== undefined || filter !== undefined) {
    throw notImplemented(`The parameter ${misplaced ?? filter} on ${method}`)
  }
}

function isLogic(name: string): boolean {
  return /^(not\.)?(and|or)$/.test(name)
}

/** The condition that all of these make. */
function conditionOf(params: Params, operands: string[]): Filter[] {
  const reader = createFilterReader(operands)
  for (const [name, value] of params) {
    if (isLogic(name)) {
      reader.tree(name, value)
    } else {
      reader.comparison(name, value)
    }
  }
  return reader.filters
}
