// The grammar of PostgREST's query parameters, as far as this face goes. What PostgREST knows
// beyond it is refused by name.
//
// Exports: SelectItem, Filter, OrderTerm, parseSelect, parseColumns, parseOrder, parseFilter.

import { notImplemented } from './rest_error.ts'
import { createScanner } from './rest_scanner.ts'

/** What an answer holds; without a column all of them. */
export interface SelectItem {
  column?: string
  alias?: string
}

export interface Filter {
  column: string
  operator: string
  value: string
}

export interface OrderTerm {
  column: string
  descending: boolean
  nulls?: 'first' | 'last'
}

const operators = new Set(['eq'])
const otherOperators = new Set([
  ...['neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch', 'in', 'is'],
  ...['isdistinct', 'fts', 'plfts', 'phfts', 'wfts', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl'],
  'adj',
])

/** Parses select, as in `id,title:name`; empty means all columns. */
export function parseSelect(text: string): SelectItem[] {
  if (text.trim() === '') {
    return [{}]
  }
  return createScanner('select parameter', text).list((scan) => {
    if (scan.take('*')) {
      return {}
    }
    scan.refuse({ '...': 'Embedded tables in select' })
    const name = scan.name()
    const item =
      !scan.sees('::') && scan.take(':') ? { column: scan.name(), alias: name } : { column: name }
    scan.refuse({
      '::': 'Casts in select',
      '->': 'JSON paths in select',
      '(': 'Embedded tables and aggregates in select',
      '!': 'Embedded tables in select',
      '.': 'Aggregates in select',
    })
    return item
  })
}

/** Parses columns, as in `id,name`. */
export function parseColumns(text: string): string[] {
  return createScanner('columns parameter', text).list((scan) => scan.name())
}

/** Parses order, as in `name.desc.nullslast,id`. */
export function parseOrder(text: string): OrderTerm[] {
  return createScanner('order', text).list((scan) => {
    const column = scan.name()
    scan.refuse({ '->': 'JSON paths in order', '(': 'Embedded tables in order' })
    const descending = scan.take('.desc')
    if (!descending) {
      scan.take('.asc')
    }
    if (scan.take('.nullsfirst')) {
      return { column, descending, nulls: 'first' }
    }
    return { column, descending, ...(scan.take('.nullslast') && { nulls: 'last' as const }) }
  })
}

/** Parses a filter, as in `id=eq.5`. */
export function parseFilter(name: string, text: string): Filter {
  const scan = createScanner('tree path', name)
  const column = scan.name()
  scan.refuse({ '.': 'Filters on embedded tables', '->': 'JSON paths in filters' })
  scan.end()

  const match = /^(not\.)?([a-z]+)(\([^)]*\))?\./.exec(text)
  const [start = '', negation, operator = '', modifier] = match ?? []
  if (!operators.has(operator) && !otherOperators.has(operator)) {
    return createScanner('filter', text).fail('"not" or operator (eq, gt, ...)')
  }
  if (negation || modifier || !operators.has(operator)) {
    throw notImplemented(`The operator ${start.slice(0, -1)}`)
  }
  return { column, operator, value: text.slice(start.length) }
}
