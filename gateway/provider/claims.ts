// From what a site tells of a person to identity_data, with GoTrue's members.
//
// Exports: Answer, valueAt, textAt, subjectOf, profileOf, isAnswer, isTrue.

import { Fault } from './fault.ts'
import type { Email, VerifiedProfile } from './types.ts'

/** An object that a site sent; nothing in it can be relied on. */
export type Answer = Record<string, unknown>

const texts = [
  'iss name family_name given_name middle_name nickname preferred_username profile picture',
  'website gender birthdate zoneinfo locale phone full_name avatar_url slug user_name provider_id',
].flatMap((line) => line.split(' '))

/** The value of a member, or with dots between names of a member's member. */
export function valueAt(answer: unknown, path: string): unknown {
  if (isAnswer(answer) && Object.hasOwn(answer, path)) {
    return answer[path]
  }
  let value = answer
  for (const name of path.split('.')) {
    value =
      (isAnswer(value) || Array.isArray(value)) && Object.hasOwn(value, name)
        ? (value as Answer)[name]
        : undefined
  }
  return value
}

/** The text at a path; empty without one. */
export function textAt(answer: unknown, path: string): string {
  const value = valueAt(answer, path)
  return typeof value === 'string' ? value : ''
}

/** Sites write booleans as texts, too. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true'

/**
 * The name of a person at a site, as text. A number that JavaScript can't tell from its neighbour
 * names nobody.
 *
 * @throws Fault
 */
export function subjectOf(value: unknown): string {
  if (typeof value === 'string' && value !== '') {
    return value
  }
  if (Number.isSafeInteger(value) && value !== 0) {
    return String(value)
  }
  throw new Fault('the profile names nobody')
}

/**
 * The profile that these claims make up, with the e-mail that GoTrue shows for it: the primary one,
 * else the last.
 *
 * @throws Fault
 */
export function profileOf(claims: Answer, emails: Email[]): VerifiedProfile {
  const subject = subjectOf(claims.sub)
  const given = emails.filter(({ email }) => email !== '')
  const shown = given.find(({ primary }) => primary) ?? given.at(-1)
  const data: Answer = { sub: subject }

  for (const name of texts) {
    if (typeof claims[name] === 'string' && claims[name] !== '') {
      data[name] = claims[name]
    }
  }
  for (const name of ['iat', 'exp']) {
    if (typeof claims[name] === 'number' && claims[name] !== 0) {
      data[name] = claims[name]
    }
  }
  const audience = [claims.aud].flat().filter((one) => typeof one === 'string')
  const updated = timeOf(claims.updated_at)
  Object.assign(data, {
    ...(audience.length > 0 && { aud: audience }),
    ...(updated && { updated_at: updated }),
    ...(isAnswer(claims.custom_claims) && { custom_claims: claims.custom_claims }),
    ...(shown && { email: shown.email.toLowerCase() }),
    email_verified: shown?.verified ?? false,
    phone_verified: isTrue(claims.phone_verified),
  })
  const issuer = textAt(data, 'iss')
  return { subject, ...(issuer && { issuer }), emails: given, data }
}

// Seconds since 1970 (OpenID Connect) or a text (RFC 3339).
function timeOf(value: unknown): string | undefined {
  const time = new Date(typeof value === 'number' ? value * 1000 : String(value || NaN))
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace('.000Z', 'Z')
}

/** Whether a site sent an object. */
export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
