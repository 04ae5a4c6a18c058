// Trades an authorization code for tokens at the token endpoint (RFC 6749, 4.1.3) with openid-client.
//
// Exports: Tokens, trade.

import { type ClientAuth, genericGrantRequest } from 'openid-client'
import { type Answer, isAnswer } from './claims.ts'
import type { Site } from './site.ts'

export interface Tokens {
  accessToken: string
  refreshToken?: string
  idToken?: string
  /** The whole answer. */
  answer: Answer
}

/** @throws openid-client's errors */
export async function trade(
  site: Site,
  reach: typeof fetch,
  code: string,
  codeVerifier?: string,
): Promise<Tokens> {
  const parameters = {
    code,
    redirect_uri: site.config.redirectUri,
    ...(codeVerifier && { code_verifier: codeVerifier }),
  }
  const [first, second] = site.ways as [ClientAuth, ClientAuth | undefined]
  const attempt = await ask(site, reach, first, parameters)
  if (attempt.tokens) {
    return attempt.tokens
  }
  // Some sites know only one of the two ways to bring a secret, and don't say which.
  const again = attempt.answered && second && (await ask(site, reach, second, parameters))
  if (again && again.tokens) {
    return again.tokens
  }
  throw attempt.error
}

async function ask(
  site: Site,
  reach: typeof fetch,
  way: ClientAuth,
  parameters: Record<string, string>,
): Promise<{ tokens?: Tokens; answered: boolean; error?: unknown }> {
  let answer: Answer | undefined
  let answered = false
  const client = site.client(way, async (input, init) => {
    const response = await reach(input, init)
    answered = true
    answer = await answerOf(response)
    return answer ? conforming(response, answer) : response
  })
  try {
    const { access_token, refresh_token } = await genericGrantRequest(
      client,
      'authorization_code',
      parameters,
    )
    const idToken = answer?.id_token
    return {
      answered,
      tokens: {
        accessToken: access_token,
        ...(refresh_token && { refreshToken: refresh_token }),
        ...(typeof idToken === 'string' && idToken && { idToken }),
        answer: answer ?? {},
      },
    }
  } catch (error) {
    return { answered, error }
  }
}

/** The answer of a token endpoint, which some sites still send as a form. */
async function answerOf(response: Response): Promise<Answer | undefined> {
  const text = await response.clone().text()
  const form = response.headers.get('content-type')?.includes('application/x-www-form-urlencoded')
  try {
    const answer: unknown = form ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)
    return isAnswer(answer) ? answer : undefined
  } catch {
    return undefined
  }
}

/**
 * The answer as RFC 6749 wants it. Sites leave out the type of the token, or send the scope as a
 * list. Errors come with status 200. An id_token is left out, since openid-client does not look at
 * its signature and knows one issuer only: it is verified where the profile is made.
 */
function conforming(response: Response, answer: Answer): Response {
  const { access_token, refresh_token, error, error_description } = answer
  const tokens = {
    access_token,
    token_type: answer.token_type ?? 'bearer',
    ...(typeof refresh_token === 'string' && { refresh_token }),
  }
  const failed = typeof error === 'string' && access_token === undefined
  const good = failed ? 400 : 200
  const status = response.ok ? good : response.status
  const body = failed ? { error, error_description } : tokens
  return Response.json(body, { status })
}
