// What the headers Accept and Prefer (RFC 7240) ask for.
//
// Exports: Preferences, isSingular, preferencesOf.

import { parseAccept } from 'hono/utils/accept'
import { notImplemented, restRefused } from './rest_error.ts'

export interface Preferences {
  representation: boolean
  /** The header Preference-Applied; empty for none. */
  applied: string
}

const arrays = new Set([
  '*/*',
  'application/json',
  'application/vnd.pgrst.array+json',
  'application/vnd.pgrst.array',
])
const objects = new Set(['application/vnd.pgrst.object+json', 'application/vnd.pgrst.object'])
const returns = new Set(['return=representation', 'return=minimal'])
const handlings = new Set(['handling=lenient', 'handling=strict'])
const otherPreferences =
  /^(return=headers-only$|(count|resolution|missing|tx|timezone|max-affected)=)/

/**
 * Whether the answer is to be one object and not an array.
 *
 * @throws Refused with PGRST107 where no acceptable media type can be had
 */
export function isSingular(headers: Headers): boolean {
  const accepted = parseAccept(headers.get('accept') || '*/*')
  for (const { type: given, params } of accepted) {
    const type = given.toLowerCase()
    if (!arrays.has(type) && !objects.has(type)) {
      continue
    }
    if (params.nulls === 'stripped') {
      throw notImplemented('The media type parameter nulls=stripped')
    }
    return objects.has(type)
  }
  throw restRefused({
    status: 406,
    code: 'PGRST107',
    message: `None of these media types are available: ${accepted.map(({ type }) => type).join(', ')}`,
  })
}

/**
 * What an insert should answer. An unknown preference is ignored unless handling=strict; one that
 * PostgREST knows and this face doesn't is refused.
 *
 * @throws Refused with PGRST122 or PGRST127
 */
export function preferencesOf(headers: Headers, method: string): Preferences {
  const given = (headers.get('prefer') ?? '').split(',').map((preference) => preference.trim())
  const beyond = given.find((preference) => otherPreferences.test(preference))
  if (beyond) {
    throw notImplemented(`The preference ${beyond}`)
  }

  const handling = given.find((preference) => handlings.has(preference))
  const unknown = given.filter((one) => one && !returns.has(one) && !handlings.has(one))
  if (handling === 'handling=strict' && unknown.length > 0) {
    throw restRefused({
      status: 400,
      code: 'PGRST122',
      message: 'Invalid preferences given with handling=strict',
      details: `Invalid preferences: ${unknown.join(', ')}`,
    })
  }
  const answer = method === 'POST' ? given.find((preference) => returns.has(preference)) : undefined
  return {
    representation: answer === 'return=representation' || method === 'GET',
    applied: [answer, handling].filter((preference) => preference).join(', '),
  }
}
