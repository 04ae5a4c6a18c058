// The grammar of filters: what a row must meet to be answered, changed or deleted.
//
// Exports: Filter, Comparison, FilterReader, createFilterReader, isOperation.

import { notImplemented, restRefused } from './error.ts'
import { parseField } from './grammar.ts'
import { createScanner, maxTerms, type Scanner } from './scanner.ts'

/** A condition is a list of these, as SQL has them, so that nothing nests. */
export type Filter = '(' | ')' | 'and' | 'or' | 'not' | Comparison

export interface Comparison {
  column: string
  operator: string
  /** Which of the operands it compares with, from 1. */
  operand?: number
  /** What it is, for the operator is. */
  value?: string
}

export interface FilterReader {
  /** The condition that was read so far. */
  filters: Filter[]
  /** Reads a filter, as in `id=eq.5`. */
  comparison(name: string, text: string): void
  /** Reads a tree, as in `or=(id.eq.5,not.and(id.gt.7,id.lt.9))`. */
  tree(name: string, text: string): void
}

const operators = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'is', 'in', 'cs', 'cd']
const otherOperators = [
  ...['match', 'imatch', 'isdistinct', 'fts', 'plfts', 'phfts', 'wfts'],
  ...['ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'],
]

const not = /not\./y
const operation = new RegExp(
  `(${[...operators, ...otherOperators].join('|')})(\\([^()]*\\))?\\.`,
  'y',
)
const group = /[ \t]*(not\.)?(and|or)[ \t]*(?=\()/y
const rest = /[^]*/y
const array = /\{[^{}]*\}/y
const element = /[^,)]*/y
const test = /null|not_null|true|false|unknown/iy

/** Whether a text is an operator with its value, and no mere value. */
export function isOperation(text: string): boolean {
  const scan = createScanner('filter', text)
  scan.match(not)
  return scan.match(operation) !== null
}

/** @param operands where the values are put */
export function createFilterReader(operands: string[]): FilterReader {
  const filters: Filter[] = []
  let terms = 0

  /** One more condition that must hold. */
  const begin = () => {
    if (filters.length > 0) {
      filters.push('and')
    }
  }
  const count = () => {
    terms++
    if (terms > maxTerms) {
      const message = `More than ${maxTerms} filters`
      throw restRefused({ status: 400, code: 'PGRST100', message })
    }
  }

  /** Reads an operator and its value, which within a tree ends at a comma or parenthesis. */
  function compare(scan: Scanner, column: string, nested: boolean) {
    count()
    const negation = scan.match(not)?.[0] ?? ''
    const [, operator, modifier = ''] =
      scan.match(operation) ??
      scan.fail(`${negation ? '' : '"not" or '}operator (eq, gt, ...)`, negation ? '' : 'not')
    if (operator === undefined || modifier || otherOperators.includes(operator)) {
      throw notImplemented(`The operator ${operator}${modifier}`)
    }
    if (negation) {
      filters.push('not')
    }
    if (operator === 'is') {
      filters.push({ column, operator, value: tested(scan) })
      return
    }
    operands.push(operator === 'in' ? listed(scan) : valueOf(scan, operator, nested))
    filters.push({ column, operator, operand: operands.length })
  }

  /** Reads a group in parentheses, after its word. */
  function join(scan: Scanner, word: 'and' | 'or') {
    count()
    scan.expect('(')
    filters.push('(')
    do {
      if (filters.at(-1) !== '(') {
        filters.push(word)
      }
      const [, negation, inner] = scan.match(group) ?? []
      if (inner) {
        filters.push(...(negation ? (['not'] as const) : []))
        join(scan, inner as 'and' | 'or')
      } else {
        const column = scan.name(', negation operator (not) or logic operator (and, or)')
        scan.refuse({ '->': 'JSON paths in filters' })
        scan.expect('.')
        compare(scan, column, true)
      }
    } while (scan.take(','))
    scan.expect(')', '"," or ")"')
    filters.push(')')
  }

  return {
    filters,
    comparison(name, text) {
      begin()
      const column = parseField(name)
      const scan = createScanner('filter', text)
      compare(scan, column, false)
      scan.end('end of input')
    },
    tree(name, text) {
      begin()
      const [word = '', negation] = name.split('.').reverse()
      filters.push(...(negation === 'not' ? (['not'] as const) : []))
      const scan = createScanner('logic tree', word + text, text)
      scan.expect(word)
      join(scan, word as 'and' | 'or')
      scan.end('end of input')
    },
  }
}

function tested(scan: Scanner): string {
  const found = scan.match(test)?.[0].toLowerCase().replace('_', ' ')
  return found ?? scan.fail('isVal: (null, not_null, true, false, unknown)')
}

/** A list in parentheses, as the text of an array. */
function listed(scan: Scanner): string {
  scan.expect('(')
  const items = scan.list(() => scan.quoted(',)') ?? scan.match(element)?.[0] ?? '')
  scan.expect(')', '"," or ")"')
  const quoted = items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`)
  return items.length === 1 && items[0] === '' ? '{}' : `{${quoted.join()}}`
}

function valueOf(scan: Scanner, operator: string, nested: boolean): string {
  const value = nested
    ? (scan.quoted(',)') ?? scan.match(array)?.[0] ?? scan.match(element)?.[0])
    : scan.match(rest)?.[0]
  return operator.endsWith('like') ? (value ?? '').replaceAll('*', '%') : (value ?? '')
}
