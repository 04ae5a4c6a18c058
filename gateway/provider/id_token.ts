// Verifies id_tokens with jose (OpenID Connect Core, 3.1.3.7; RFC 8725), from wherever they came.
//
// Exports: IdToken, verifyIdToken, accessTokenMatches, audiencesOf.

import { createHash } from 'node:crypto'
import { type JWTPayload, jwtVerify } from 'jose'
import type { Metadata, Discovery } from './discovery.ts'

export interface IdToken {
  claims: JWTPayload
  alg: string
}

// Those of public keys only: what anybody can read must not serve as a secret (S-23).
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** Seconds that the clocks of two sites may differ. */
const skew = 60

/**
 * The claims of a token with a good signature, from one of these issuers and not expired. Audience,
 * nonce and at_hash are left to the caller.
 *
 * @throws jose's errors
 */
export async function verifyIdToken(
  idToken: string,
  metadata: Metadata,
  issuers: string[],
  discovery: Discovery,
): Promise<IdToken> {
  const named = metadata.id_token_signing_alg_values_supported
  const offered = algorithms.filter((alg) => Array.isArray(named) && named.includes(alg))
  const { payload, protectedHeader } = await jwtVerify(
    idToken,
    discovery.keysAt(metadata.jwks_uri),
    {
      algorithms: offered.length > 0 ? offered : ['RS256'],
      issuer: issuers,
      requiredClaims: ['iss', 'exp'],
      clockTolerance: skew,
    },
  )
  return { claims: payload, alg: protectedHeader.alg }
}

/** Whether at_hash is the left half of the access token's hash (OpenID Connect Core, 3.1.3.6). */
export function accessTokenMatches({ claims, alg }: IdToken, accessToken: string): boolean {
  const size = /\d{3}$/.exec(alg)?.[0]
  const hash = createHash(size && alg !== 'Ed25519' ? `sha${size}` : 'sha512')
    .update(accessToken)
    .digest()
  return hash.subarray(0, hash.length / 2).toString('base64url') === claims.at_hash
}

/** The audiences of a token. */
export const audiencesOf = ({ claims }: IdToken): string[] => [claims.aud ?? []].flat()
