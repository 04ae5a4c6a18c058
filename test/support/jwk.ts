// Keys for GOTRUE_JWT_KEYS, made anew for each test file.
//
// Exports: makeJwk, keysOf.

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { JWK } from 'jose'

const pairs: Record<string, () => { privateKey: KeyObject }> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RS512: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}

/** A private JWK; of HS256, random bytes that are no text. */
export function makeJwk(alg: string, kid: string): JWK & { kid: string } {
  const jwk = pairs[alg]?.().privateKey.export({ format: 'jwk' }) ?? {
    kty: 'oct',
    k: Buffer.concat([Buffer.from([0, 255]), randomBytes(38)]).toString('base64url'),
  }
  return { ...(jwk as JWK), kid, alg }
}

/** The variable: the first key signs, the others verify only. */
export function keysOf(...keys: JWK[]): { GOTRUE_JWT_KEYS: string } {
  const list = keys.map((key, place) => ({ ...key, key_ops: [place === 0 ? 'sign' : 'verify'] }))
  return { GOTRUE_JWT_KEYS: JSON.stringify(list) }
}
