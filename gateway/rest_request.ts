// Reads an HTTP request in PostgREST's grammar into a description of what it asks for. Nothing
// that is given is ignored: what PostgREST knows and this face doesn't is refused by name.
//
// Exports: RestQuery, RestRequest, readRestRequest.

import { notImplemented, restRefused } from './rest_error.ts'
import {
  type Filter,
  type OrderTerm,
  type SelectItem,
  parseFilter,
  parseOrder,
  parseSelect,
} from './rest_grammar.ts'
import { isSingular, preferencesOf } from './rest_headers.ts'
import { readRows } from './rest_rows.ts'
import { createScanner, maxTerms } from './rest_scanner.ts'

/** The argument query of auth_private.rest(). */
export interface RestQuery {
  action: 'read' | 'insert'
  table: string
  /** The schema asked for; null for the first that is exposed. */
  profile: string | null
  select: SelectItem[]
  filters: Filter[]
  order: OrderTerm[]
  limit: string | null
  offset: string | null
  /** The columns to insert into. */
  columns: string[]
  representation: boolean
  singular: boolean
}

export interface RestRequest {
  query: RestQuery
  /** The rows to insert, a JSON array as text, not parsed: numbers keep all their digits. */
  payload: string | null
  /** The header Preference-Applied; empty for none. */
  applied: string
}

const reserved = ['select', 'order', 'limit', 'offset', 'columns']

/** @throws Refused, in PostgREST's words */
export async function readRestRequest(request: Request): Promise<RestRequest> {
  const { method, headers } = request
  const url = new URL(request.url)
  const table = tableOf(url.pathname)
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    const message = `Unsupported HTTP method: ${method}`
    throw restRefused({ status: 405, code: 'PGRST117', message })
  }
  if (method === 'GET' && /^\d+-\d*$/.test(headers.get('range') ?? '')) {
    throw notImplemented('The header Range')
  }

  const inserts = method === 'POST'
  const params = [...url.searchParams]
  const filters = params.filter(([name]) => !reserved.includes(name))
  refuseBeyond(params, filters, inserts)
  const { representation, applied } = preferencesOf(headers, method)
  const given = Object.fromEntries(params.filter(([name]) => reserved.includes(name)))
  const rows = inserts ? await readRows(request, given.columns) : null

  const query: RestQuery = {
    action: inserts ? 'insert' : 'read',
    table,
    profile: headers.get(inserts ? 'content-profile' : 'accept-profile'),
    select: parseSelect(given.select ?? ''),
    filters: filters.map(([name, value]) => parseFilter(name, value)),
    order: given.order === undefined ? [] : parseOrder(given.order),
    limit: countOf('limit', given.limit),
    offset: countOf('offset', given.offset),
    columns: rows?.columns ?? [],
    representation,
    singular: isSingular(headers),
  }
  return { query, payload: rows?.json ?? null, applied }
}

function tableOf(pathname: string): string {
  const path = pathname.replace(/^\/rest\/v1\/?/, '')
  const [table = '', ...rest] = path.split('/').map(decoded)
  if (path === '') {
    const message = 'Root endpoint metadata is disabled'
    throw restRefused({ status: 404, code: 'PGRST126', message })
  }
  if (table === 'rpc' && rest.length === 1) {
    throw notImplemented(`Calling functions: /rpc/${rest[0]}`)
  }
  if (table === '' || rest.length > 0) {
    const message = 'Invalid path specified in request URL'
    throw restRefused({ status: 404, code: 'PGRST125', message })
  }
  return table
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

function refuseBeyond(params: [string, string][], filters: [string, string][], inserts: boolean) {
  const names = params.map(([name]) => name)
  const twice = reserved.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (twice || filters.length > maxTerms) {
    const message = twice
      ? `The parameter ${twice} is given twice`
      : `More than ${maxTerms} filters`
    throw restRefused({ status: 400, code: 'PGRST100', message })
  }
  const logic = names.find((name) => /(^|\.)(and|or)$/.test(name))
  if (logic || names.includes('on_conflict')) {
    throw notImplemented(`The parameter ${logic ?? 'on_conflict'}`)
  }
  const misplaced = inserts
    ? names.find((name) => name !== 'select' && name !== 'columns')
    : names.find((name) => name === 'columns')
  if (misplaced !== undefined) {
    throw notImplemented(`The parameter ${misplaced} on ${inserts ? 'POST' : 'GET'}`)
  }
}

/** Digits stay text, since only Postgres knows how large a number may be. */
function countOf(name: string, text: string | undefined): string | null {
  if (text === undefined || /^\d+$/.test(text)) {
    return text ?? null
  }
  if (/^-\d+$/.test(text)) {
    const details = `${name === 'limit' ? 'Limit' : 'Offset'} should be greater than or equal to zero.`
    const message = 'Requested range not satisfiable'
    throw restRefused({ status: 416, code: 'PGRST103', message, details })
  }
  return createScanner(name, text).fail('a number')
}
