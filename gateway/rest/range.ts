// Which rows of an answer are wanted: limit, offset and the header Range.
//
// Exports: Range, rangeOf.

import { restRefused } from './error.ts'
import { createScanner } from './scanner.ts'

/** Digits stay text, since only Postgres knows how large a number may be. */
export interface Range {
  limit: string | null
  offset: string
}

/**
 * Where parameters and header both say something, both hold. As in PostgREST a negative offset is
 * none, and a limit of 0 is no error.
 *
 * @param header as `0-24` or `25-`; anything else asks for nothing
 * @throws Refused with PGRST103 for a range that is none, PGRST100 for a limit that is no number
 */
export function rangeOf(limit?: string, offset?: string, header?: string | null): Range {
  const [, from = '0', to = ''] = /^(\d+)-(\d*)$/.exec(header ?? '') ?? []
  const skipped = numberOf('offset', offset) ?? 0n
  const wanted = numberOf('limit', limit)
  if (wanted === 0n) {
    return { limit: '0', offset: '0' }
  }

  const lower = [skipped, BigInt(from)].reduce((a, b) => (a > b ? a : b))
  const uppers = [
    ...(to === '' ? [] : [BigInt(to)]),
    ...(wanted === null ? [] : [skipped + wanted - 1n]),
  ]
  const upper = uppers.length === 0 ? null : uppers.reduce((a, b) => (a < b ? a : b))
  if (upper !== null && upper < lower) {
    const isReversed = to !== '' && BigInt(to) < BigInt(from)
    throw restRefused({
      status: 416,
      code: 'PGRST103',
      message: 'Requested range not satisfiable',
      details: isReversed
        ? 'The lower boundary must be lower than or equal to the upper boundary in the Range header.'
        : 'Limit should be greater than or equal to zero.',
    })
  }
  return { limit: upper === null ? null : String(upper - lower + 1n), offset: String(lower) }
}

function numberOf(name: string, text: string | undefined): bigint | null {
  if (text === undefined) {
    return null
  }
  return /^-?\d+$/.test(text) ? BigInt(text) : createScanner(name, text).fail('a number')
}
