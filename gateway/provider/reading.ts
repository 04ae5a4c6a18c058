// Reads what a site told of a person, by the site's reading in the tables or by the row of a custom
// provider.
//
// Exports: readAnswer, readIdToken, readCustom.

import type { JWTPayload } from 'jose'
import { type Answer, isAnswer, profileOf, subjectOf, valueAt } from './claims.ts'
import { one, type Reading } from './definition.ts'
import { Fault } from './fault.ts'
import { readingOf } from './table_oidc.ts'
import type { CustomProvider, Email, VerifiedProfile } from './types.ts'

/** Standard claims as they are (OpenID Connect Core, 5.1). */
const standard: Reading = { email: one('email', 'email_verified') }

/**
 * @param iss identity_data.iss
 * @param others the site's second answer, with the e-mails
 * @throws Fault
 */
export function readAnswer(
  reading: Reading,
  answer: unknown,
  iss: string,
  others?: unknown,
): VerifiedProfile {
  const { claims, emails } = read(reading, answer, others)
  return profileOf({ ...claims, iss }, emails)
}

/** @throws Fault */
export function readIdToken(claims: JWTPayload): VerifiedProfile {
  return profileOf(...claimsOf(claims))
}

/**
 * @param raw the claims of an id_token, or the answer of a userinfo endpoint
 * @param verifiedToken whether they are of an id_token: then the e-mails are its own, whatever the
 *   mapping makes of them
 * @throws Fault
 */
export function readCustom(
  row: CustomProvider,
  raw: unknown,
  verifiedToken: boolean,
): VerifiedProfile {
  const answer = answered(raw)
  const [claims, emails] = verifiedToken
    ? claimsOf(answer as JWTPayload)
    : [answer, standard.email(answer)]
  const allowed = row.custom_claims_allowlist.filter((name) => Object.hasOwn(answer, name))
  const custom = Object.fromEntries(allowed.map((name) => [name, answer[name]]))
  const known: Answer = {
    ...claims,
    ...(allowed.length > 0 && { custom_claims: { ...asAnswer(claims.custom_claims), ...custom } }),
  }
  const mapped = { ...known }
  for (const [target, source] of Object.entries(row.attribute_mapping)) {
    if (typeof source !== 'string') {
      mapped[target] = source
    } else if (Object.hasOwn(known, source) || Object.hasOwn(answer, source)) {
      mapped[target] = known[source] ?? answer[source]
    }
  }
  return profileOf(mapped, verifiedToken ? emails : standard.email(mapped))
}

function claimsOf(claims: JWTPayload): [Answer, Email[]] {
  const reading = readingOf(claims.iss ?? '') ?? standard
  const { claims: mapped, emails } = read(reading, claims)
  return [{ ...mapped, iss: claims.iss }, emails]
}

function read(reading: Reading, raw: unknown, others?: unknown) {
  const answer = answered(reading.read ? reading.read(answered(raw)) : raw)
  const emails = reading.email(answer, others)
  if (!reading.claims) {
    return { claims: answer, emails }
  }
  const claims: Answer = {}
  for (const [path, members] of Object.entries(reading.claims)) {
    for (const member of members.split(' ')) {
      claims[member] = valueAt(answer, path)
    }
  }
  claims.provider_id = subjectOf(claims.sub)
  const custom = reading.custom?.(answer)
  return { claims: { ...claims, ...(custom && { custom_claims: custom }) }, emails }
}

function answered(raw: unknown): Answer {
  if (!isAnswer(raw)) {
    throw new Fault('the profile is no object')
  }
  return raw
}

const asAnswer = (value: unknown): Answer => (isAnswer(value) ? value : {})
