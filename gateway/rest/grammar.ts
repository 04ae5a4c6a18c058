// The grammar of the parameters that say which columns and in what order, as far as this face goes.
// What PostgREST knows beyond it is refused by name.
//
// Exports: SelectItem, OrderTerm, parseSelect, parseColumns, parseOrder, parseField.

import { createScanner, type Scanner } from './scanner.ts'

/** What an answer holds; without a column all of them. */
export interface SelectItem {
  column?: string
  alias?: string
  cast?: string
}

export interface OrderTerm {
  column: string
  descending: boolean
  nulls?: 'first' | 'last'
}

const beyondName = 'letter, digit, "-", "->>", "->"'
const typeName = /[\p{L}\p{N}_ $]*/uy

/** Parses select, as in `id,name:title,stars::text`; empty means all columns. */
export function parseSelect(text: string): SelectItem[] {
  if (text.trim() === '') {
    return [{}]
  }
  const scan = createScanner('select parameter', text)
  const items = scan.list(() => selectItem(scan))
  scan.end(`${items.at(-1)?.column ? `${beyondName}, "::", ".", ` : ''}")", "," or end of input`)
  return items
}

function selectItem(scan: Scanner): SelectItem {
  if (scan.take('*')) {
    return {}
  }
  scan.refuse({ '...': 'Embedded tables in select' })
  const name = scan.name()
  const item =
    !scan.sees('::') && scan.take(':') ? { column: scan.name(), alias: name } : { column: name }
  scan.refuse({
    '->': 'JSON paths in select',
    '(': 'Embedded tables and aggregates in select',
    '!': 'Embedded tables in select',
  })
  const cast = scan.take('::')
    ? scan.match(typeName)?.[0].trim() || scan.fail('letter or digit')
    : null
  scan.refuse({ '.': 'Aggregates in select' })
  return cast === null ? item : { ...item, cast }
}

/** Parses names, as in `id,name`. */
export function parseColumns(parameter: string, text: string): string[] {
  const scan = createScanner(`${parameter} parameter`, text)
  const names = scan.list(() => scan.name())
  scan.end(`letter, digit, "-", "," or end of input`)
  return [...new Set(names)]
}

/** Parses order, as in `name.desc.nullslast,id`. */
export function parseOrder(text: string): OrderTerm[] {
  const scan = createScanner('order', text)
  let expected = ''
  const terms = scan.list(() => {
    const column = scan.name()
    scan.refuse({ '->': 'JSON paths in order', '(': 'Embedded tables in order' })
    expected = `${beyondName}, delimiter (.), `
    const said: string[] = []
    while (said.length < 2 && !said[0]?.startsWith('nulls') && scan.take('.')) {
      said.push(scan.word(said.length === 0 ? [...directions, ...nulls] : nulls))
      expected = said.at(-1)?.startsWith('nulls') ? '' : 'delimiter (.), '
    }
    const last = said.at(-1)
    return {
      column,
      descending: said[0] === 'desc',
      ...(last === 'nullsfirst' && { nulls: 'first' as const }),
      ...(last === 'nullslast' && { nulls: 'last' as const }),
    }
  })
  scan.end(`${expected}"," or end of input`)
  return terms
}

const directions = ['asc', 'desc'] as const
const nulls = ['nullsfirst', 'nullslast'] as const

/** Parses the name of a parameter that is a column. */
export function parseField(name: string): string {
  const scan = createScanner('tree path', name)
  const column = scan.name()
  scan.refuse({ '.': 'Filters on embedded tables', '->': 'JSON paths in filters' })
  scan.end(`${beyondName}, delimiter (.) or end of input`)
  return column
}
