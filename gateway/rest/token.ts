// Whose request it is: the claims of its token, with PostgREST's errors for a token that is not
// good.
//
// Exports: restClaims, isAnonymous.

import { Refused } from '../refused.ts'
import { restRefused } from './error.ts'
import type { createVerifier } from '../token.ts'

type Verify = ReturnType<typeof createVerifier>
type Claims = Awaited<ReturnType<Verify>>

/**
 * The claims of the bearer token, or else of the API key, which is a token, too; without either
 * those of anon.
 *
 * @throws Refused with PGRST301 or PGRST303
 */
export async function restClaims(request: Request, verify: Verify): Promise<Claims> {
  const bearer = /^bearer(?:\s+(.*))?$/i.exec(request.headers.get('authorization') ?? '')
  const token = bearer ? (bearer[1] ?? '') : request.headers.get('apikey')
  if (token === null) {
    return { role: 'anon' }
  }
  if (token === '') {
    throw refused('PGRST301', 'Empty JWT is sent in Authorization header')
  }

  try {
    return { role: 'anon', ...(await verify(token)) }
  } catch (error) {
    throw error instanceof Refused ? translated(error, token) : error
  }
}

/** Whether these claims name nobody. */
export function isAnonymous(claims: Claims): boolean {
  return (claims.role ?? 'anon') === 'anon'
}

/** PostgREST's words for what the verifier says in GoTrue's. */
function translated(error: Refused, token: string): Error {
  const { message } = error.refusal
  const parts = token.split('.').length
  if (parts !== 3) {
    return refused('PGRST301', `Expected 3 parts in JWT; got ${parts}`)
  }
  if (message.endsWith('token is expired')) {
    return refused('PGRST303', 'JWT expired')
  }
  if (message.endsWith('token is not valid yet')) {
    return refused('PGRST303', 'JWT not yet valid')
  }
  if (message.includes('invalid claims')) {
    return refused('PGRST303', 'Parsing claims failed')
  }
  if (message.includes('malformed')) {
    return refused('PGRST301', 'JWT cryptographic operation failed')
  }
  const details = 'None of the keys was able to decode the JWT'
  return refused('PGRST301', 'No suitable key or wrong key type', details)
}

function refused(code: string, message: string, details: string | null = null): Error {
  return restRefused({ status: 401, code, message, details })
}
