// Signs what SQL hands over in the place of an access token: where the key in use is asymmetric, its
// private part is here and nowhere else. Who gets a token, and what it says, SQL has decided.
//
// Exports: Signer, SignerOffer, createSigner.

import { base64url, CompactSign, type JWK } from 'jose'
import type { JwtKey } from '../start/jwt_keys.ts'
import type { SqlAnswer } from './respond.ts'
import type { Key } from './token.ts'

/** What a statement is told of us, see auth_private.sign_jwt. */
export interface SignerOffer {
  /** Drawn for one statement, so that what stands behind it was written by SQL. */
  mark: string
  /** The keys that we can sign with. */
  kids: string[]
}

export interface Signer {
  offer(): SignerOffer
  /** The answer with the token, signed, where what was to be signed stood behind the mark. */
  sign(answer: SqlAnswer, offer: SignerOffer): Promise<SqlAnswer>
}

/**
 * @param owned the keys of the environment
 * @param known the database's keys: one of ours that is another there is not used, since nobody
 *   could verify by it
 */
export function createSigner(owned: JwtKey[], known: Key[]): Signer {
  const usable = owned.filter(
    ({ kid, alg, jwk, privateKey }) =>
      privateKey && known.some((key) => key.kid === kid && key.alg === alg && isSame(jwk, key.jwk)),
  )
  const keys = new Map(usable.map((key) => [key.kid, key]))
  const kids = [...keys.keys()]
  // Nothing to look for in any answer.
  if (kids.length === 0) {
    return { offer: () => ({ mark: '', kids }), sign: (answer) => Promise.resolve(answer) }
  }

  async function signed(text: string | null, mark: string): Promise<string | null> {
    const [whole, header, claims] =
      new RegExp(`${mark}\\.([\\w-]+)\\.([\\w-]+)`).exec(text ?? '') ?? []
    if (text === null || whole === undefined) return text
    const { kid } = JSON.parse(new TextDecoder().decode(base64url.decode(header as string)))
    const { alg, privateKey } = keys.get(kid) as JwtKey
    const token = await new CompactSign(base64url.decode(claims as string))
      .setProtectedHeader({ alg, kid, typ: 'JWT' })
      .sign(privateKey as NonNullable<typeof privateKey>)
    return text.replace(whole, token)
  }

  return {
    offer: () => ({ mark: crypto.randomUUID(), kids }),
    async sign(answer, { mark }) {
      const body = await signed(answer.body, mark)
      const headers = await signed(answer.headers, mark)
      return { ...answer, body, headers }
    },
  }
}

function isSame(ours: JWK, theirs: JWK | null | undefined): boolean {
  const members = Object.entries(theirs ?? {})
  return Object.entries(ours).every(([name, value]) =>
    members.some(([other, known]) => other === name && known === value),
  )
}
