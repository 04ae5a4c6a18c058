// What the headers Accept and Prefer (RFC 7240) ask for.
//
// Exports: Preferences, isSingular, preferencesOf.

import { parseAccept } from 'hono/utils/accept'
import { notImplemented, restRefused } from './error.ts'

/** Each as it was given, like `return=minimal`. */
export interface Preferences {
  resolution?: string
  return?: string
  count?: string
  handling?: string
}

const arrays = new Set([
  '*/*',
  'application/json',
  'application/vnd.pgrst.array+json',
  'application/vnd.pgrst.array',
])
const objects = new Set(['application/vnd.pgrst.object+json', 'application/vnd.pgrst.object'])
const otherTypes = /^(text\/csv|application\/(geo\+json|openapi\+json|vnd\.pgrst\.plan.*))$/
const known = new Set([
  'resolution=merge-duplicates',
  'resolution=ignore-duplicates',
  'return=representation',
  'return=minimal',
  'return=headers-only',
  'count=exact',
  'handling=lenient',
  'handling=strict',
])
const others = /^(count=planned$|count=estimated$|missing=|tx=|timezone=|max-affected=)/

/**
 * Whether the answer is to be one object and not an array.
 *
 * @throws Refused with PGRST107 where no acceptable media type can be had, or PGRST127 where only
 *   PostgREST has it
 */
export function isSingular(headers: Headers): boolean {
  const accepted = parseAccept(headers.get('accept') || '*/*').map(({ type, params }) => ({
    type: type.toLowerCase(),
    stripped: params.nulls === 'stripped',
  }))
  const found = accepted.find(({ type }) => arrays.has(type) || objects.has(type))
  if (found?.stripped) {
    throw notImplemented('The media type parameter nulls=stripped')
  }
  if (found) {
    return objects.has(found.type)
  }

  const other = accepted.find(({ type }) => otherTypes.test(type))
  if (other) {
    throw notImplemented(`The media type ${other.type}`)
  }
  throw restRefused({
    status: 406,
    code: 'PGRST107',
    message: `None of these media types are available: ${accepted.map(({ type }) => type).join(', ')}`,
  })
}

/**
 * What a client prefers; of each kind the first counts. An unknown preference is ignored unless
 * handling=strict; one that PostgREST knows and this face doesn't is refused.
 *
 * @throws Refused with PGRST122 or PGRST127
 */
export function preferencesOf(headers: Headers): Preferences {
  const given = (headers.get('prefer') ?? '').split(',').map((preference) => preference.trim())
  const beyond = given.find((preference) => others.test(preference))
  if (beyond) {
    throw notImplemented(`The preference ${beyond}`)
  }

  const accepted = given.filter((preference) => known.has(preference)).reverse()
  const preferences: Preferences = Object.fromEntries(
    accepted.map((preference) => [preference.split('=')[0], preference]),
  )
  const unknown = given.filter((preference) => preference && !known.has(preference))
  if (preferences.handling === 'handling=strict' && unknown.length > 0) {
    throw restRefused({
      status: 400,
      code: 'PGRST122',
      message: 'Invalid preferences given with handling=strict',
      details: `Invalid preferences: ${unknown.join(', ')}`,
    })
  }
  return preferences
}
