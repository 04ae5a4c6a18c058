// OAuth 1.0a (RFC 5849), which Twitter's old API still speaks.
//
// Exports: requestToken, accessToken, signature, signedGet.

import { createHmac, randomBytes } from 'node:crypto'
import { Fault } from './fault.ts'
import type { Site } from './site.ts'

interface Token {
  token: string
  secret: string
}

type Parameters = Record<string, string>

/** A temporary token; somebody who agrees to it comes back to `callback` (RFC 5849, 2.1). */
export async function requestToken(site: Site, reach: typeof fetch, callback: string) {
  const endpoint = site.definition?.oauth1?.requestToken
  return tokenFrom(site, reach, new URL(site.at(endpoint ?? ['', ''])), {
    oauth_callback: callback,
  })
}

/** The token that this verifier is good for (RFC 5849, 2.3). Twitter wants no secret for it. */
export async function accessToken(
  site: Site,
  reach: typeof fetch,
  token: string,
  verifier: string,
) {
  const url = new URL(site.metadata.token_endpoint ?? '')
  return tokenFrom(site, reach, url, { oauth_token: token, oauth_verifier: verifier })
}

export async function signedGet(site: Site, reach: typeof fetch, url: URL, token: Token) {
  const parameters = { oauth_token: token.token }
  return reach(url, {
    headers: { authorization: header(site, 'GET', url, parameters, token.secret) },
  })
}

/** The signature of a request by HMAC-SHA1 (RFC 5849, 3.4). */
export function signature(
  method: string,
  url: URL,
  parameters: Parameters,
  consumerSecret: string,
  tokenSecret = '',
): string {
  const pairs = [...url.searchParams, ...Object.entries(parameters)]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
  const base = [method, url.origin + url.pathname, pairs.join('&')].map(encoded).join('&')
  const key = `${encoded(consumerSecret)}&${encoded(tokenSecret)}`
  return createHmac('sha1', key).update(base).digest('base64')
}

async function tokenFrom(site: Site, reach: typeof fetch, url: URL, parameters: Parameters) {
  const response = await reach(url, {
    method: 'POST',
    headers: { authorization: header(site, 'POST', url, parameters) },
  })
  const answer = new URLSearchParams(await response.text())
  const [token, secret] = [answer.get('oauth_token'), answer.get('oauth_token_secret')]
  if (!response.ok || !token || !secret) {
    throw new Fault(`no token, status ${response.status}`)
  }
  return { token, secret }
}

function header(
  { config }: Site,
  method: string,
  url: URL,
  parameters: Parameters,
  tokenSecret?: string,
): string {
  const all: Parameters = {
    ...parameters,
    oauth_consumer_key: config.clientIds[0] as string,
    oauth_nonce: randomBytes(16).toString('hex'),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_version: '1.0',
  }
  all.oauth_signature = signature(method, url, all, config.secret, tokenSecret)
  const pairs = Object.entries(all).map(([name, value]) => `${name}="${encoded(value)}"`)
  return `OAuth ${pairs.join(', ')}`
}

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b)

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
