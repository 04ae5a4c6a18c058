// Reads the rows that a request wants to insert.
//
// Exports: Rows, readRows.

import { notImplemented, restRefused } from './rest_error.ts'
import { parseColumns } from './rest_grammar.ts'

export interface Rows {
  columns: string[]
  /** A JSON array as text, as it came. */
  json: string
}

const otherTypes = new Set(['text/csv', 'application/x-www-form-urlencoded'])

/**
 * The rows in the body, an object or an array of objects with equal keys.
 *
 * @param columns the parameter that names the columns; without it they are the keys
 * @throws Refused with PGRST100, PGRST102 or PGRST127
 */
export async function readRows(request: Request, columns: string | undefined): Promise<Rows> {
  const type = (request.headers.get('content-type') || 'application/json').split(';')[0]?.trim()
  if (type && otherTypes.has(type.toLowerCase())) {
    throw notImplemented(`The Content-Type ${type}`)
  }
  if (type?.toLowerCase() !== 'application/json') {
    throw refused(`Content-Type not acceptable: ${type}`)
  }

  const { text, value } = parse(await request.arrayBuffer())
  const rows: unknown[] = Array.isArray(value) ? value : [value]
  return {
    columns: columns === undefined ? keysOf(rows) : [...new Set(parseColumns(columns))],
    json: Array.isArray(value) ? text : `[${text}]`,
  }
}

function parse(bytes: ArrayBuffer): { text: string; value: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
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
