// Reads the body of a request: rows to write, or the arguments of a function.
//
// Exports: Payload, readRows, readArguments.

import { notImplemented, restRefused } from './error.ts'
import { parseColumns } from './grammar.ts'

export interface Payload {
  /** The columns or arguments that it gives. */
  columns: string[]
  /** JSON as text, as it came: numbers keep all their digits. */
  json: string
}

/** What only PostgREST reads: rows, and beyond that what a function may be called with. */
const otherTypes = ['text/csv', 'application/x-www-form-urlencoded']
const otherArguments = [...otherTypes, 'text/plain', 'text/xml', 'application/octet-stream']

/**
 * The rows in the body as an array: it is an object, or an array of objects with equal keys.
 *
 * @param columns the parameter that names the columns; without it they are the keys
 * @throws Refused with PGRST100, PGRST102 or PGRST127
 */
export async function readRows(request: Request, columns?: string): Promise<Payload> {
  const { text, value } = parse(await read(request, otherTypes))
  const rows: unknown[] = Array.isArray(value) ? value : [value]
  return {
    columns: columns === undefined ? keysOf(rows) : parseColumns('columns', columns),
    json: Array.isArray(value) ? text : `[${text}]`,
  }
}

/**
 * The arguments in the body: the keys of an object. Without a body there are none.
 *
 * @throws as readRows
 */
export async function readArguments(request: Request, columns?: string): Promise<Payload> {
  const { text, value } = parse((await read(request, otherArguments)) || '{}')
  const isPlain = typeof value !== 'object' || value === null
  const named = isPlain ? [] : keysOf(Array.isArray(value) ? value : [value])
  return {
    columns: columns === undefined ? named : parseColumns('columns', columns),
    json: text,
  }
}

async function read(request: Request, others: string[]): Promise<string> {
  const given = request.headers.get('content-type') || 'application/json'
  const type = given.split(';')[0]?.trim().toLowerCase() ?? ''
  if (others.includes(type)) {
    throw notImplemented(`The Content-Type ${type}`)
  }
  if (type !== 'application/json') {
    throw refused(`Content-Type not acceptable: ${type}`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await request.arrayBuffer())
  } catch {
    throw refused('Empty or invalid json')
  }
}

function parse(text: string): { text: string; value: unknown } {
  try {
    return { text, value: JSON.parse(text) }
  } catch {
    throw refused('Empty or invalid json')
  }
}

function keysOf(rows: unknown[]): string[] {
  const kinds = new Set(rows.map((row) => isObject(row) && Object.keys(row).sort().join('\0')))
  if (kinds.size > 1 || kinds.has(false)) {
    throw refused('All object keys must match')
  }
  return Object.keys(rows[0] ?? {})
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(message: string): Error {
  return restRefused({ status: 400, code: 'PGRST102', message })
}
