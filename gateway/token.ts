// Verifies bearer tokens with jose, before any SQL is run (RFC 7519, RFC 8725).
//
// Exports: Key, createVerifier, bearerOf.

import { createSecretKey } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { refusals } from './refusal.ts'
import { Refused } from './refused.ts'

/** A key to verify with. It is good for one algorithm only. */
export interface Key {
  kid: string | null
  alg: string
  secret: string
}

/** The bearer token of a request; null without one. */
export function bearerOf(request: Request): string | null {
  const match = /^bearer (\S+$)/i.exec(request.headers.get('authorization') ?? '')
  return match?.[1] ?? null
}

/**
 * A function that returns the claims of a token, or throws Refused with bad_jwt. A token that names
 * a key by kid must be signed by it; one that names none, or one we don't know, by any of ours.
 *
 * @param keys from the database, the one in use first
 */
export function createVerifier(keys: Key[]): (token: string) => Promise<JWTPayload> {
  const known = keys.map((key) => ({ ...key, key: createSecretKey(key.secret, 'utf8') }))

  return async (token) => {
    const header = headerOf(token)
    const named = known.filter((key) => key.kid !== null && key.kid === header.kid)
    const candidates = (named.length > 0 ? named : known).filter((key) => key.alg === header.alg)
    if (candidates.length === 0) {
      throw bad(`token signature is invalid: signing method ${String(header.alg)} is invalid`)
    }

    let failure: unknown
    for (const { key, alg } of candidates) {
      try {
        return (await jwtVerify(token, key, { algorithms: [alg] })).payload
      } catch (error) {
        failure = error
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
          break
        }
      }
    }
    throw bad(reason(failure))
  }
}

function headerOf(token: string): { alg?: unknown; kid?: unknown } {
  if (token.split('.').length !== 3) {
    throw bad('token is malformed: token contains an invalid number of segments')
  }
  try {
    return decodeProtectedHeader(token)
  } catch {
    throw bad('token is malformed: could not JSON decode header')
  }
}

function reason(error: unknown): string {
  if (error instanceof errors.JWTExpired) {
    return 'token has invalid claims: token is expired'
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') {
    return 'token has invalid claims: token is not valid yet'
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `token has invalid claims: ${error.claim} is invalid`
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return 'token signature is invalid: signature is invalid'
  }
  return 'token is malformed'
}

function bad(why: string): Refused {
  return new Refused(refusals.badJwt(why))
}
