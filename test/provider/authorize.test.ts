// What clients may add to the address that people are sent to, and where that address is.

import { pino } from 'pino'
import t from 'tap'
import { createProviders } from '../../gateway/provider/providers.ts'
import { signature } from '../../gateway/provider/oauth1.ts'
import { config, openSites } from './sites.ts'

const sites = await openSites(t)
const providers = createProviders({ fetch: sites.fetch, log: pino({ level: 'silent' }) })

const addressOf = (
  name: string,
  query: string,
  more: Parameters<typeof config>[1] = {},
  scopes = '',
) =>
  providers.authorizationUrl(config(name, more), {
    state: 's',
    scopes,
    forwarded: new URLSearchParams(query),
  })
const parametersOf = async (query: string, scopes = '') =>
  Object.fromEntries((await addressOf('github', query, {}, scopes)).searchParams)

const plain = {
  response_type: 'code',
  client_id: 'canary-client',
  redirect_uri: 'https://app.example.com/auth/v1/callback',
  scope: 'user:email',
  state: 's',
}

t.test("a client's parameters are forwarded, the first of each", async (t) => {
  t.same(
    await parametersOf(
      'access_type=offline&prompt=consent&prompt=none&hd=a%26b&nonce=n&login_hint=',
    ),
    { ...plain, access_type: 'offline', prompt: 'consent', hd: 'a&b', nonce: 'n', login_hint: '' },
  )
})

t.test('none that is ours is, in whatever case', async (t) => {
  const ours = [
    ...['client_id', 'client_secret', 'redirect_uri', 'response_type', 'state', 'code_challenge'],
    ...['code_challenge_method', 'code_verifier', 'request', 'request_uri', 'provider', 'scopes'],
    ...['redirect_to', 'invite_token', 'skip_http_redirect'],
  ]
  for (const name of ours) {
    for (const written of [name, name.toUpperCase(), name.replace(/^./, (a) => a.toUpperCase())]) {
      t.same(await parametersOf(`${written}=evil`), plain, written)
    }
  }
  t.same(await parametersOf('__proto__=x&constructor=y'), {
    ...plain,
    constructor: 'y',
    ['__proto__']: 'x',
  })
})

t.test('scopes are added, a scope replaces them', async (t) => {
  t.match(await parametersOf('', 'repo,gist'), { scope: 'user:email repo gist' })
  t.match(await parametersOf('', 'repo gist'), { scope: 'user:email repo gist' })
  t.match(await parametersOf('scope=read'), { scope: 'read' })
})

t.test('the operator’s address replaces the site’s', async (t) => {
  const places: [string, string, string][] = [
    ['github', 'https://git.example.com/', 'https://git.example.com/login/oauth/authorize'],
    ['gitlab', 'https://git.example.com/lab', 'https://git.example.com/lab/oauth/authorize'],
    [
      'azure',
      'https://login.example.com/mine',
      'https://login.example.com/mine/oauth2/v2.0/authorize',
    ],
    [
      'keycloak',
      'http://localhost:8080/realms/a',
      'http://localhost:8080/realms/a/protocol/openid-connect/auth',
    ],
    ['slack', 'https://chat.example.com', 'https://chat.example.com/oauth/authorize'],
  ]
  for (const [name, url, expected] of places) {
    const { origin, pathname } = await addressOf(name, '', { url })
    t.equal(origin + pathname, expected)
  }
})

t.test('a GitHub of one’s own has its API elsewhere', async (t) => {
  const url = 'https://git.example.com'
  const token = { access_token: 'canary-access-token', token_type: 'bearer' }
  sites.answer(`${url}/login/oauth/access_token`, { body: token })
  sites.answer(`${url}/api/v3/user`, { body: { id: 1 } })
  sites.answer(`${url}/api/v3/user/emails`, { body: [] })
  const callback = { state: 's', params: new URLSearchParams({ code: 'c' }) }
  t.match(await providers.exchange(config('github', { url }), callback), {
    profile: { issuer: 'https://git.example.com/api/v3', subject: '1' },
  })
})

t.test('only X and providers of one’s own want PKCE', async (t) => {
  t.same(
    ['x', 'google', 'twitter', 'nobody'].map((name) => providers.needsPkce(config(name))),
    [true, false, false, false],
  )
})

t.test('OAuth 1.0a signs as RFC 5849 and Twitter write it', async (t) => {
  // RFC 5849, 1.2
  t.equal(
    signature(
      'GET',
      new URL('http://photos.example.net/photos?file=vacation.jpg&size=original'),
      {
        oauth_consumer_key: 'dpf43f3p2l4k3l03',
        oauth_token: 'nnch734d00sl2jdk',
        oauth_signature_method: 'HMAC-SHA1',
        oauth_timestamp: '137131202',
        oauth_nonce: 'chapoH',
      },
      'kd94hf93k423kf44',
      'pfkkdhi9sl3r4s00',
    ),
    'MdpQcU8iPSUjWoN/UDMsK2sui9I=',
  )
  // https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
  t.equal(
    signature(
      'POST',
      new URL('https://api.twitter.com/1.1/statuses/update.json?include_entities=true'),
      {
        status: 'Hello Ladies + Gentlemen, a signed OAuth request!',
        oauth_consumer_key: 'xvz1evFS4wEEPTGEFPHBog',
        oauth_nonce: 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg',
        oauth_signature_method: 'HMAC-SHA1',
        oauth_timestamp: '1318622958',
        oauth_token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
        oauth_version: '1.0',
      },
      'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
      'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
    ),
    'hCtSmYh+iHYCEqBWrE7C7hYmtUk=',
  )
})

t.test('Twitter gets the state in the callback’s address', async (t) => {
  sites.answer('https://api.twitter.com/oauth/request_token', {
    body: 'oauth_token=request&oauth_token_secret=x&oauth_callback_confirmed=true',
  })
  sites.taken()
  const address = await addressOf('twitter', 'force_login=true')
  t.equal(address.href, 'https://api.twitter.com/oauth/authenticate?oauth_token=request')
  const [request] = sites.taken()
  const callback = encodeURIComponent('https://app.example.com/auth/v1/callback?state=s')
  t.match(request?.headers.authorization, `oauth_callback="${callback}"`)
})
