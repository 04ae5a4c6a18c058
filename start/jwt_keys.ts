// GOTRUE_JWT_KEYS: the keys that tokens are signed with and verified by.
//
// Exports `JwtKey` and `jwtKeys`. The private part of a key never leaves this process: the database
// is told the public one.

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import type { Environment } from './environment.ts'

export type JwtKey = {
  kid: string
  alg: string
  /** Whether its key_ops have "sign": just one key's have. */
  signs: boolean
  /** The public part; of an oct key, which has none, the key. */
  jwk: JWK
  /** Undefined for an oct key, and where only the public part is given. */
  privateKey: KeyObject | undefined
}

type Members = JWK & Record<string, unknown>

/** The algorithms, what keys they are for, and the members of such a key that anybody may know. */
const kinds: Record<string, { kty: string; crv?: string; members: string[] }> = {
  HS256: { kty: 'oct', members: ['k'] },
  RS256: { kty: 'RSA', members: ['n', 'e'] },
  RS512: { kty: 'RSA', members: ['n', 'e'] },
  ES256: { kty: 'EC', crv: 'P-256', members: ['crv', 'x', 'y'] },
  ES512: { kty: 'EC', crv: 'P-521', members: ['crv', 'x', 'y'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'x'] },
}

/**
 * The keys in GOTRUE_JWT_KEYS, a JSON array of JWKs (RFC 7517); undefined where it is not set.
 *
 * @throws one error that tells all faults, without anything of a key but its kid
 */
export function jwtKeys(environment: Environment): JwtKey[] | undefined {
  const given = environment.GOTRUE_JWT_KEYS
  if (!given) return undefined
  const list = parsed(given)
  if (!Array.isArray(list)) throw new Error('GOTRUE_JWT_KEYS is to be a JSON array of JWKs')

  const keys: JwtKey[] = []
  const faults: string[] = []
  for (const [place, item] of list.entries()) {
    const jwk = (typeof item === 'object' && item !== null ? item : {}) as Members
    const named = typeof jwk.kid === 'string' && jwk.kid !== ''
    const fault = named ? faultOf(jwk) : 'needs a kid, to be told from others by'
    const name = named ? `the key "${jwk.kid}"` : `key number ${place + 1}`
    if (fault) faults.push(`${name} ${fault}`)
    else keys.push(keyOf(jwk))
  }
  if (faults.length === 0) faults.push(...faultsTogether(keys, environment.GOTRUE_JWT_KEY_ID))
  if (faults.length > 0) {
    throw new Error(faults.map((fault) => `GOTRUE_JWT_KEYS: ${fault}`).join('\n'))
  }
  return keys
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    return undefined
  }
}

function faultOf(jwk: Members): string | undefined {
  if ('aws:kms:arn' in jwk) return 'is in AWS KMS: signing there is not built'
  const alg = jwk.alg ?? (jwk.kty === 'oct' ? 'HS256' : '')
  const kind = Object.hasOwn(kinds, alg) ? kinds[alg] : undefined
  if (!kind) return `needs an alg, one of ${Object.keys(kinds).join(', ')}`
  if (jwk.kty !== kind.kty || (kind.crv !== undefined && jwk.crv !== kind.crv)) {
    const curve = kind.crv ? ` and the crv ${kind.crv}` : ''
    return `is for ${alg}, so it has the kty ${kind.kty}${curve}`
  }
  if (kind.members.some((member) => typeof jwk[member] !== 'string')) {
    return `lacks one of ${kind.members.join(', ')}`
  }
  if (jwk.kty === 'oct') {
    const bytes = Buffer.from(jwk.k as string, 'base64url')
    const read = bytes.toString('base64url') === (jwk.k as string).replace(/=+$/, '')
    return read && bytes.length >= 32 ? undefined : 'is to be at least 32 bytes in base64url'
  }
  return faultOfPair(jwk)
}

/** A key that can't be read, or whose private part is another's, is known by trying it. */
function faultOfPair(jwk: Members): string | undefined {
  const { jwk: publicJwk, privateKey } = tryTo(() => keyOf(jwk)) ?? {}
  const publicKey = publicJwk && tryTo(() => publicKeyOf(publicJwk))
  if (!publicKey) return 'can not be read'
  const bits = publicKey.asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < 2048) return `has ${bits} bits, and needs at least 2048`
  if (!privateKey) return undefined
  const digest = jwk.kty === 'OKP' ? null : 'sha256'
  const text = Buffer.from('a text')
  const fits = tryTo(() => verify(digest, text, publicKey, sign(digest, text, privateKey)))
  return fits ? undefined : 'has a private part that is not that of its public one'
}

function keyOf(jwk: Members): JwtKey {
  const alg = jwk.alg ?? 'HS256'
  const members = ['kty', ...(kinds[alg]?.members ?? [])]
  const isPrivate = jwk.kty !== 'oct' && jwk.d !== undefined
  return {
    kid: jwk.kid as string,
    alg,
    signs: Array.isArray(jwk.key_ops) && jwk.key_ops.includes('sign'),
    jwk: Object.fromEntries(members.map((name) => [name, jwk[name]])) as JWK,
    privateKey: isPrivate ? createPrivateKey({ key: jwk as never, format: 'jwk' }) : undefined,
  }
}

function publicKeyOf(jwk: JWK): KeyObject {
  return createPublicKey({ key: jwk as never, format: 'jwk' })
}

function faultsTogether(keys: JwtKey[], secretKid: string | undefined): string[] {
  const kids = keys.map(({ kid }) => kid)
  const twice = kids.find((kid, place) => kids.indexOf(kid) !== place)
  const signing = keys.filter(({ signs }) => signs).map(({ kid }) => `"${kid}"`)
  return [
    ...(twice === undefined ? [] : [`two keys have the kid "${twice}"`]),
    ...(secretKid && kids.includes(secretKid)
      ? [`the kid "${secretKid}" is that of the secret, GOTRUE_JWT_KEY_ID`]
      : []),
    ...(signing.length === 1 || keys.length === 0
      ? []
      : [
          'just one key is to sign, with "sign" in its key_ops; here it is ' +
            (signing.join(' and ') || 'none'),
        ]),
  ]
}

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
