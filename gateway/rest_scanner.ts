// Reads a text from left to right, for the grammar of query parameters. Nothing nests, so no
// input makes it slow or deep.
//
// Exports: Scanner, createScanner, maxTerms.

import { notImplemented, restRefused } from './rest_error.ts'

/** How many columns, terms or filters a request may have. */
export const maxTerms = 1000

// A quoted name, or letters, digits, _, $ and inner spaces, joined by dashes.
const quoted = /"((?:[^"\\]|\\[^])*)"/uy
const plain = /[\p{L}\p{N}_$ ]+(?:-(?!>)[\p{L}\p{N}_$ ]+)*/uy

export interface Scanner {
  /** Reads items with commas between them, to the end. */
  list<T>(item: (scan: Scanner) => T): T[]
  /** Reads a name. */
  name(): string
  /** Whether this comes next. */
  sees(literal: string): boolean
  /** Reads this if it comes next, and tells whether it did. */
  take(literal: string): boolean
  /** Refuses what PostgREST knows and this face doesn't: the sign it begins with, its name. */
  refuse(features: Record<string, string>): void
  /** Refuses anything but the end. */
  end(): void
  /** Refuses what comes next, since it is not as expected. */
  fail(expected: string): never
}

/** @param what the name that an error calls the text by */
export function createScanner(what: string, text: string): Scanner {
  let at = 0
  const skipBlanks = () => {
    while (text[at] === ' ' || text[at] === '\t') {
      at++
    }
  }
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    at += found?.[0].length ?? 0
    return found
  }

  const scan: Scanner = {
    list(item) {
      const items = [item(scan)]
      while (scan.take(',')) {
        if (items.length === maxTerms) {
          scan.fail(`at most ${maxTerms} items`)
        }
        items.push(item(scan))
      }
      scan.end()
      return items
    },
    name() {
      skipBlanks()
      const found = match(quoted)?.[1]?.replace(/\\([^])/gu, '$1') ?? match(plain)?.[0].trim()
      return found || scan.fail('field name (* or [a..z0..9_$])')
    },
    sees(literal) {
      skipBlanks()
      return text.startsWith(literal, at)
    },
    take(literal) {
      const seen = scan.sees(literal)
      at += seen ? literal.length : 0
      return seen
    },
    refuse(features) {
      for (const [sign, feature] of Object.entries(features)) {
        if (scan.sees(sign)) {
          throw notImplemented(`${feature}: ${text}`)
        }
      }
    },
    end() {
      skipBlanks()
      if (at < text.length) {
        scan.fail('"," or end of input')
      }
    },
    fail(expected) {
      const next = text.codePointAt(at)
      const found = next === undefined ? 'end of input' : `"${String.fromCodePoint(next)}"`
      throw restRefused({
        status: 400,
        code: 'PGRST100',
        message: `"failed to parse ${what} (${text})" (line 1, column ${at + 1})`,
        details: `unexpected ${found} expecting ${expected}`,
      })
    },
  }
  return scan
}
