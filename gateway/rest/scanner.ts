// Reads a text from left to right, for the grammar of query parameters.
//
// Exports: Scanner, createScanner, maxTerms.

import { notImplemented, restRefused } from './error.ts'

/** How many columns, terms, filters or groups of them a request may have. */
export const maxTerms = 1000

const quoted = /"((?:[^"\\]|\\[^])*)"/uy
// Letters, digits, _, $ and inner spaces, joined by dashes.
const plain = /[\p{L}\p{N}_$ ]+(?:-(?!>)[\p{L}\p{N}_$ ]+)*/uy

export interface Scanner {
  /** Reads items with commas between them. */
  list<T>(item: () => T): T[]
  /** Reads a name, or whatever else may stand there. */
  name(orElse?: string): string
  /** Reads a quoted text that stands before one of these signs or the end; null for none. */
  quoted(before: string): string | null
  /** Reads what the pattern, a sticky one, matches here. */
  match(pattern: RegExp): RegExpExecArray | null
  /** Whether this comes next. */
  sees(literal: string): boolean
  /** Reads this if it comes next, and tells whether it did. */
  take(literal: string): boolean
  /** Reads this, or fails; expected tells what else may stand there. */
  expect(literal: string, expected?: string): void
  /** Reads one of these words, or fails. */
  word<W extends string>(words: readonly W[]): W
  /** Refuses what PostgREST knows and this face doesn't: the sign it begins with, its name. */
  refuse(features: Record<string, string>): void
  /** Refuses anything but the end. */
  end(expected?: string): void
  /** Refuses what comes next: it is not as expected, and differs from the word that could stand there. */
  fail(expected: string, instead?: string): never
}

/**
 * @param what the name that an error calls the text by
 * @param shown the text as an error shows it
 */
export function createScanner(what: string, text: string, shown = text): Scanner {
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
  const unescaped = (inner: string | undefined) => inner?.replace(/\\([^])/gu, '$1')

  const scan: Scanner = {
    list(item) {
      const items = [item()]
      while (scan.take(',')) {
        if (items.length === maxTerms) {
          scan.fail(`at most ${maxTerms} items`)
        }
        items.push(item())
      }
      return items
    },
    name(orElse = '') {
      skipBlanks()
      const found = unescaped(match(quoted)?.[1]) ?? match(plain)?.[0].trim()
      return found || scan.fail(`field name (* or [a..z0..9_$])${orElse}`)
    },
    quoted(before) {
      const start = at
      const found = unescaped(match(quoted)?.[1]) ?? null
      const next = text[at]
      if (found !== null && next !== undefined && !before.includes(next)) {
        at = start
        return null
      }
      return found
    },
    match,
    sees(literal) {
      skipBlanks()
      return text.startsWith(literal, at)
    },
    take(literal) {
      const seen = scan.sees(literal)
      at += seen ? literal.length : 0
      return seen
    },
    expect(literal, expected = JSON.stringify(literal)) {
      if (!scan.take(literal)) {
        scan.fail(expected)
      }
    },
    word(words) {
      const found = words.find((word) => scan.take(word))
      if (found !== undefined) {
        return found
      }
      const list = words.map((word) => JSON.stringify(word))
      return scan.fail(`${list.slice(0, -1).join(', ')} or ${list.at(-1)}`, words[0])
    },
    refuse(features) {
      for (const [sign, feature] of Object.entries(features)) {
        if (scan.sees(sign)) {
          throw notImplemented(`${feature}: ${shown}`)
        }
      }
    },
    end(expected = '"," or end of input') {
      skipBlanks()
      if (at < text.length) {
        fail(`'${symbol(at)}'`, expected)
      }
    },
    fail(expected, instead = '') {
      const differs = [...instead].findIndex((letter, i) => text[at + i] !== letter)
      const place = at + Math.max(differs, 0)
      return fail(place < text.length ? `"${symbol(place)}"` : 'end of input', expected)
    },
  }

  const symbol = (place: number) => String.fromCodePoint(text.codePointAt(place) ?? 0)
  const fail = (found: string, expected: string): never => {
    throw restRefused({
      status: 400,
      code: 'PGRST100',
      message: `"failed to parse ${what} (${shown})" (line 1, column ${at + 1})`,
      details: `unexpected ${found} expecting ${expected}`,
    })
  }
  return scan
}
