// A real OpenID provider on this machine, with pages to sign in and to consent, and a walk through
// them as a browser walks.
//
// Exports: openOpenId, OpenId.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { Provider } from 'oidc-provider'
import type { Test } from 'tap'
import type { Stack } from './stack.ts'

export interface OpenId {
  issuer: string
  /** What the provider says of people, by their login; else their address is verified. */
  people: Record<string, { email?: string | undefined; email_verified?: boolean }>
  /** The paths that were asked for since it was last looked at, with their queries. */
  asked(): URL[]
  /** New keys; the old ones are still published, or are not. */
  rotate(keepsOld?: boolean): Promise<void>
  /**
   * Follows the redirects from an address of the gateway, signing in as `login` on the way or
   * cancelling there, until one leads out to the application.
   */
  walk(begin: string, login: string | null): Promise<URL>
  /** Signs in on a phone, whose app then has the tokens: an id_token with this nonce and at_hash. */
  phone(login: string, nonce: string): Promise<{ id_token: string; access_token: string }>
}

/** Opens a provider known as custom:local; it is closed when the test `t` ends. */
export async function openOpenId(
  t: Pick<Test, 'teardown'>,
  { api, sql, until }: Pick<Stack, 'api' | 'sql' | 'until'>,
): Promise<OpenId> {
  const asked: URL[] = []
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people: OpenId['people'] = {}
  const callback = `${api}/callback`

  // Rotation is a restart with other keys, as an operator would do it: who is signed in stays so.
  let handle: ReturnType<Provider['callback']>
  let keys: JWK[] = []
  const rotate = async (keepsOld = false) => {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true })
    const key = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }
    keys = [key, ...(keepsOld ? keys : [])]
    const provider = new Provider(issuer, {
      jwks: { keys: keys as never },
      cookies: { keys: ['of this test'] },
      clients: [
        {
          client_id: 'us',
          client_secret: 'their secret',
          redirect_uris: [callback],
          grant_types: ['authorization_code', 'refresh_token'],
        },
        {
          client_id: 'phone',
          token_endpoint_auth_method: 'none',
          redirect_uris: [phone],
          grant_types: ['implicit'],
          response_types: ['id_token token'],
        },
      ],
      responseTypes: ['code', 'id_token token'],
      // Where a Keycloak has them.
      routes: {
        authorization: '/protocol/openid-connect/auth',
        token: '/protocol/openid-connect/token',
        userinfo: '/protocol/openid-connect/userinfo',
      },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      scopes: ['openid', 'email', 'profile', 'offline_access', 'calendar'],
      conformIdTokenClaims: false,
      // As many sites do, and not only where the client asks for consent anew.
      issueRefreshToken: (_, client, code) =>
        client.grantTypeAllowed('refresh_token') && code.scopes.has('calendar'),
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({
          sub: id,
          name: `${id} of the other site`,
          email: `${id}@example.com`,
          email_verified: true,
          ...people[id],
        }),
      }),
    })
    handle = provider.callback()
  }
  await rotate()
  server.on('request', (request, response) => {
    asked.push(new URL(request.url ?? '', issuer))
    void handle(request, response)
  })

  await sql`
    insert into auth.custom_oauth_providers
      (provider_type, identifier, name, client_id, client_secret, scopes, issuer,
        acceptable_client_ids)
    values ('oidc', 'custom:local', 'Local', 'us', 'their secret', '{openid,email}', ${issuer},
      '{phone}')
  `
  // The gateway hears of a new site by NOTIFY.
  const begin = `${api}/authorize?provider=custom:local`
  await until(async () => (await fetch(begin, { redirect: 'manual' })).status === 302)

  return {
    issuer,
    people,
    asked: () => asked.splice(0),
    rotate,
    walk: (begin, login) => walk([issuer, api], begin, login),
    async phone(login, nonce) {
      const query = new URLSearchParams({
        client_id: 'phone',
        redirect_uri: phone,
        response_type: 'id_token token',
        scope: 'openid email',
        nonce,
      })
      const { hash } = await walk(
        [issuer],
        `${issuer}/protocol/openid-connect/auth?${query}`,
        login,
      )
      const said = new URLSearchParams(hash.slice(1))
      return {
        id_token: said.get('id_token') ?? '',
        access_token: said.get('access_token') ?? '',
      }
    },
  }
}

/** Where an app of the provider's is led to, which brings its id_token itself. */
const phone = 'https://phone.example.com/'

async function walk(between: string[], begin: string, login: string | null): Promise<URL> {
  const jar = new Map<string, string>()
  let url = begin
  let form: URLSearchParams | undefined
  for (let step = 0; step < 20; step++) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: form }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    const location = response.headers.get('location')
    if (location) {
      url = new URL(location, url).href
      form = undefined
      if (!between.includes(new URL(url).origin)) return new URL(url)
      continue
    }
    const page = await response.text()
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    const action = /action="([^"]+)"/.exec(page)?.[1]
    const cancel = /href="([^"]+)">\[ Cancel \]/.exec(page)?.[1]
    if (!prompt || !action || !cancel) {
      throw new Error(`${url}: ${response.status} ${page.slice(0, 300)}`)
    }
    if (login === null) {
      url = new URL(cancel, url).href
      continue
    }
    url = new URL(action, url).href
    form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'x' }) })
  }
  throw new Error('no end')
}
