// Verifies bearer tokens with jose, before any SQL is run (RFC 7519, RFC 8725).
//
// Exports: Key, createVerifier, bearerOf.

import { decodeProtectedHeader, errors, importJWK, jwtVerify } from 'jose'
import type { JWK, JWTPayload } from 'jose'
import { refusals } from './refusal.ts'
import { Refused } from './refused.ts'

/** How many verified tokens are remembered. */
const maxVerified = 1000

/** A key to verify with. It is good for one algorithm only. */
export interface Key {
  kid: string | null
  alg: string
  /** Of HS256: a text whose UTF-8 bytes are the key. */
  secret?: string | null
  /** A key that is no text, of an asymmetric one the public part (RFC 7517). */
  jwk?: JWK | null
}

/** The bearer token of a request; null without one. */
export function bearerOf(request: Request): string | null {
  const match = /^bearer (\S+$)/i.exec(request.headers.get('authorization') ?? '')
  return match?.[1] ?? null
}

/**
 * A function that returns the claims of a token, or throws Refused with bad_jwt. A token that names
 * a key by kid must be signed by it, by its algorithm. One that names none, or one we don't know,
 * may be signed by any secret of ours, but by no asymmetric key.
 *
 * @param keys from the database, the one in use first
 */
export function createVerifier(keys: Key[]): (token: string) => Promise<JWTPayload> {
  // Imported once: jose would do so at every token.
  const known = keys.map((key) => ({ ...key, key: imported(key) }))
  // One that can't be is told when a token comes that it should verify.
  for (const { key } of known) key.catch(() => {})

  // A client shows one token many times, and its signature stays good: only time takes it away.
  const verified = new Map<string, JWTPayload>()

  return async (token) => {
    const seen = verified.get(token)
    if (seen && (seen.exp === undefined || seen.exp > Math.floor(Date.now() / 1000))) {
      return seen
    }
    const payload = await check(token)
    const [oldest] = verified.size < maxVerified ? [] : verified.keys()
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(token, payload)
    return payload
  }

  async function check(token: string): Promise<JWTPayload> {
    const candidates = candidatesOf(headerOf(token))

    let failure: unknown
    for (const { key, alg } of candidates) {
      try {
        return (await jwtVerify(token, await key, { algorithms: [alg] })).payload
      } catch (error) {
        failure = error
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
          break
        }
      }
    }
    throw bad(reason(failure))
  }

  function candidatesOf({ alg, kid }: { alg?: unknown; kid?: unknown }) {
    const able = known.filter((key) => key.alg === alg)
    if (able.length === 0) {
      throw bad(`token signature is invalid: signing method ${String(alg)} is invalid`)
    }
    const named = (key: Key) => key.kid !== null && key.kid === kid
    const candidates = known.some(named) || alg !== 'HS256' ? able.filter(named) : able
    if (candidates.length === 0) {
      throw bad(
        known.some(named)
          ? 'token signature is invalid: key is of invalid type'
          : 'token is unverifiable: error while executing keyfunc: unrecognized JWT kid ' +
              `${String(kid ?? '<nil>')} for algorithm ${String(alg)}`,
      )
    }
    return candidates
  }
}

async function imported({ alg, secret, jwk }: Key): Promise<CryptoKey> {
  if (jwk && alg !== 'HS256') return (await importJWK(jwk, alg)) as CryptoKey
  const hmac = { name: 'HMAC', hash: `SHA-${alg.slice(2)}` }
  const bytes = jwk ? Buffer.from(jwk.k ?? '', 'base64url') : Buffer.from(secret ?? '')
  return crypto.subtle.importKey('raw', bytes, hmac, false, ['verify'])
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
