// Plays every other site on one local server: the providers' fetch is led there by host, as a proxy
// would do it, and what arrives is kept.
//
// Exports: openSites, openIssuer, config, secrets.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import type { Test } from 'tap'
import type { ProviderConfig } from '../../gateway/provider/types.ts'

/** One request as a site sees it. */
export interface Received {
  method: string
  url: string
  headers: IncomingHttpHeaders
  form: Record<string, string>
}

/** What a site answers: JSON, or a text with headers. */
export interface Answer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** Nothing, ever. */
  silent?: true
  /** A good answer that never ends. */
  drips?: true
  /** It hangs up. */
  broken?: true
  /** What happens elsewhere before it answers. */
  meanwhile?: () => Promise<unknown>
}

export type Sites = Awaited<ReturnType<typeof openSites>>

/** What must be seen in no message and no log. */
export const secrets = [
  'canary-secret',
  'canary-access-token',
  'canary-refresh-token',
  'canary-code-0123456789',
  'canary-verifier-0123456789-0123456789-0123456789',
]

export const config = (name: string, more: Partial<ProviderConfig> = {}): ProviderConfig => ({
  name,
  enabled: true,
  clientIds: ['canary-client', 'other-client'],
  secret: 'canary-secret',
  redirectUri: 'https://app.example.com/auth/v1/callback',
  skipNonceCheck: false,
  emailOptional: false,
  ...more,
})

export async function openSites(t: Pick<Test, 'teardown'>) {
  const received: Received[] = []
  const answers = new Map<string, Answer>()

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', async () => {
      const { method = '', headers } = request
      const url = `${String(headers['x-origin'] ?? here)}${request.url}`
      received.push({ method, url, headers, form: Object.fromEntries(new URLSearchParams(body)) })
      const answer = answers.get(url) ?? answers.get(url.replace(/\?.*/, ''))
      await answer?.meanwhile?.()
      if (answer?.silent) return
      if (answer?.broken) {
        request.socket.destroy()
        return
      }
      if (answer?.drips) {
        response.writeHead(200, { 'content-type': 'application/json' })
        const dripping = setInterval(() => response.write(' '), 50)
        response.once('close', () => clearInterval(dripping))
        return
      }
      const said = answer?.body ?? { message: 'there is nothing here' }
      const type = typeof said === 'string' ? 'text/html' : 'application/json'
      response.writeHead(answer ? (answer.status ?? 200) : 404, {
        'content-type': type,
        ...answer?.headers,
      })
      response.end(typeof said === 'string' ? said : JSON.stringify(said))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    /** Where the server is, for who reaches it without a proxy. */
    url: here,
    received,
    /** What this address answers from now on; nothing there is a 404. */
    answer: (url: string, answer: Answer) => void answers.set(url, answer),
    /** The requests since the last time. */
    taken: () => received.splice(0),
    /** Leads to here from every host. */
    fetch: (async (input, init) => {
      const { origin, pathname, search } = new URL(String(input))
      const headers = new Headers(init?.headers)
      headers.set('x-origin', origin)
      // Only silence is cut off: on a busy machine an answer can take longer than a test's limit.
      const silent = answers.get(origin + pathname)?.silent === true
      const signal = silent ? (init?.signal ?? null) : null
      return fetch(here + pathname + search, { ...init, headers, signal })
    }) as typeof fetch,
  }
}

/** An issuer of id_tokens, with its document and its keys. */
export async function openIssuer(sites: Sites, issuer: string, document: object = {}) {
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
    ...document,
  }
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  sites.answer(place, { body: metadata })
  let kid = 0
  const rotate = async (alg = 'RS256') => {
    const pair = await generateKeyPair(alg, { extractable: true })
    kid += 1
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: `key-${kid}`, alg, use: 'sig' }
    sites.answer(metadata.jwks_uri, { body: { keys: [jwk] } })
    return { ...pair, jwk, alg }
  }
  let key = await rotate()

  return {
    issuer,
    metadata,
    place,
    jwk: () => key.jwk,
    privateKey: () => key.privateKey,
    /** Only the new key is published and used from now on. */
    rotate: async (alg?: string) => void (key = await rotate(alg)),
    /** A token that is all right, but for what is said here; undefined leaves a claim out. */
    sign: (claims: JWTPayload, header: object = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const all = { iss: issuer, aud: 'canary-client', iat: now, exp: now + 600, ...claims }
      return new SignJWT(all)
        .setProtectedHeader({ alg: key.alg, kid: key.jwk.kid, ...header })
        .sign(key.privateKey)
    },
  }
}
