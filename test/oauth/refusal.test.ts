// What goes wrong on the way through another site, by HTTP: each time the answer that GoTrue gives,
// and nobody made, linked or signed in.

import { createHmac, generateKeyPairSync } from 'node:crypto'
import { exportSPKI, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import t, { type Test } from 'tap'
import { type Answer, openIssuer, openSites } from '../provider/sites.ts'
import { openClient, openGateway, type Reply } from '../support/gateway.ts'
import { openStack } from '../support/stack.ts'
import { createClock } from '../support/time.ts'

const app = 'https://app.example.com'
const stack = await openStack(t, {
  site_url: app,
  uri_allow_list: 'https://*.example.org/welcome,https://a?c.example.net/**,myapp://callback',
  security_manual_linking_enabled: true,
})
const { api, sql } = stack
const timePasses = await createClock(sql)
const ask = openClient(api)
const sites = await openSites(t)
const closed = 'http://127.0.0.1:1'

// Two that are all right, unless a test says otherwise, and some that never are.
const issuer = await openIssuer(sites, sites.url)
const realm = `${sites.url}/protocol/openid-connect`
const broken = `${sites.url}/broken`
const configured = async (name: string, changes: object) =>
  void (await sql`select auth.configure_provider(${name}, ${sql.json(changes as never)})`)
const client = { enabled: true, client_id: 'canary-client', secret: 'canary-secret' }
await configured('keycloak', { ...client, url: sites.url })
await configured('github', { ...client, url: sites.url })
await configured('discord', { ...client, url: closed })
await configured('spotify', { ...client, secret: '' })
await configured('twitch', { ...client, client_id: [] })
await configured('apple', client)
await configured('azure', client)
await sql`
  insert into auth.custom_oauth_providers
    (provider_type, identifier, name, client_id, client_secret, issuer, authorization_url,
     token_url, userinfo_url, enabled, pkce_enabled)
  values
    ('oidc', 'custom:good', 'G', 'canary-client', 's', ${sites.url}, null, null, null, true, false),
    ('oidc', 'custom:broken', 'B', 'canary-client', 's', ${broken}, null, null, null, true, true),
    ('oidc', 'custom:down', 'D', 'canary-client', 's', ${closed}, null, null, null, true, true),
    ('oidc', 'custom:off', 'O', 'canary-client', 's', ${sites.url}, null, null, null, false, true),
    ('oauth2', 'custom:plain', 'P', 'canary-client', 's', null, ${`${sites.url}/plain/authorize`},
     ${`${sites.url}/plain/token`}, ${`${sites.url}/plain/me`}, true, true)
`
await stack.until(async () => (await ask('/authorize?provider=custom:plain')).status === 302)

const tokens = { access_token: 'canary-access-token', token_type: 'bearer' }
const ann = { sub: 'ann', email: 'ann@example.com', email_verified: true }
const allIsWell = () => {
  sites.answer(`${realm}/token`, { body: tokens })
  sites.answer(`${realm}/userinfo`, { body: ann })
}

const counted = async () =>
  (
    await sql`
      select (select count(*)::int from auth.users) as users,
        (select count(*)::int from auth.identities) as identities,
        (select count(*)::int from auth.sessions) as sessions,
        (select count(*)::int from auth.refresh_tokens) as tokens,
        (select count(*)::int from auth_private.outbox) as mails
    `
  )[0]

/** A test in whose course nobody is made, linked or signed in. */
const nothingHappens = (title: string, work: (t: Test) => Promise<void>) =>
  t.test(title, async (t) => {
    const before = await counted()
    await work(t)
    t.same(await counted(), before, 'nothing has happened')
  })

async function stateOf(query: string, through = ask): Promise<string> {
  const { status, headers, body } = await through(`/authorize?${query}`)
  if (status !== 302) throw new Error(JSON.stringify(body))
  return new URL(headers.location as string).searchParams.get('state') as string
}
const come = async (query: string, through = ask) => landed(await through(`/callback?${query}`))
const signIn = async (provider: string, through = ask) =>
  come(`code=abcdef&state=${await stateOf(`provider=${provider}`, through)}`, through)

/** Where a redirect leads, and what it says in query and fragment. */
function landed({ status, headers, body }: Reply) {
  if (!headers.location) return { status, body }
  const { origin, pathname, searchParams, hash } = new URL(headers.location)
  return {
    status,
    place: origin === 'null' ? headers.location.split(/[?#]/)[0] : origin + pathname,
    query: Object.fromEntries(searchParams),
    fragment: Object.fromEntries(
      [...new URLSearchParams(hash.slice(1))].map(([name, value]) => [
        name,
        decodeURIComponent(value),
      ]),
    ),
  }
}
const told = (error: string, error_code: string | undefined, error_description: string) => {
  const said = { error, ...(error_code && { error_code }), error_description }
  return { status: 302, place: `${app}/`, query: said, fragment: { ...said, sb: '' } }
}
const failed = (message: string) => told('server_error', 'unexpected_failure', message)
const notExchanged = failed('Unable to exchange external code: abcd')
const noProfile = failed('Error getting user profile from external provider')
const refused = (status: number, error_code: string, msg: string) => ({
  status,
  body: { code: status, error_code, msg },
})

nothingHappens('a site that nobody can be sent to is refused in JSON', async (t) => {
  for (const [name, reason] of [
    ['', 'Provider  could not be found'],
    ['nobody', 'Provider nobody could not be found'],
    ['__proto__', 'Provider __proto__ could not be found'],
    ['google', 'provider is not enabled'],
    ['spotify', 'missing OAuth secret'],
    ['twitch', 'missing OAuth client ID'],
    ['custom:none', 'custom provider custom:none not found'],
    ['custom:off', 'custom provider custom:off is disabled'],
    ['custom:down', 'error creating OIDC provider: the site can not be reached'],
  ] as const) {
    const { status, body } = await ask(`/authorize?provider=${name}`)
    t.match(
      { status, body },
      { status: 400, body: { code: 400, error_code: 'validation_failed' } },
      name,
    )
    t.ok((body as { msg: string }).msg.startsWith(`Unsupported provider: ${reason}`), name)
  }
  const document = `${broken}/.well-known/openid-configuration`
  for (const [what, answer] of Object.entries<Answer>({
    'no document': { status: 404 },
    'a page': { body: '<html>' },
    'an empty answer': { body: '' },
    'a list': { body: [] },
    'the document of another issuer': { body: issuer.metadata },
    'wrong types': { body: { issuer: 5 } },
    'no endpoints': { body: { issuer: broken, jwks_uri: `${broken}/jwks` } },
    'too much': { body: { ...issuer.metadata, issuer: broken, more: 'x'.repeat(1024 * 1024) } },
    'hanging up': { broken: true },
  })) {
    sites.answer(document, answer)
    const { status, body } = await ask('/authorize?provider=custom:broken')
    t.match(
      { status, body },
      {
        status: 400,
        body: { msg: /^Unsupported provider: error creating OIDC provider: [a-z _]/ },
      },
      what,
    )
  }
})

nothingHappens('a request that makes no sense is refused in JSON', async (t) => {
  const challenge = 'a'.repeat(43)
  for (const [query, status, code, message] of [
    [
      `code_challenge=${challenge}`,
      400,
      'validation_failed',
      'PKCE flow requires code_challenge_method and code_challenge',
    ],
    [
      'code_challenge_method=s256',
      400,
      'validation_failed',
      'PKCE flow requires code_challenge_method and code_challenge',
    ],
    [
      'code_challenge=short&code_challenge_method=s256',
      400,
      'validation_failed',
      'code challenge has to be between 43 and 128 characters',
    ],
    [
      `code_challenge=${'a'.repeat(129)}&code_challenge_method=s256`,
      400,
      'validation_failed',
      'code challenge has to be between 43 and 128 characters',
    ],
    [
      `code_challenge=${'!'.repeat(43)}&code_challenge_method=s256`,
      400,
      'validation_failed',
      'code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes',
    ],
    [
      `code_challenge=${challenge}&code_challenge_method=md5`,
      400,
      'validation_failed',
      'code_challenge_method has to be s256 or plain',
    ],
    ['invite_token=made-up', 404, 'user_not_found', 'User identified by token not found'],
  ] as const) {
    const { status: got, body } = await ask(`/authorize?provider=keycloak&${query}`)
    t.same({ status: got, body }, refused(status, code, message), query)
  }
})

nothingHappens('a state is one of ours, fresh, and good once', async (t) => {
  const home = (code: string, message: string) => ({
    status: 303,
    place: `${app}/`,
    query: { error: 'invalid_request', error_code: code, error_description: message },
    fragment: {},
  })
  const unknown = home('bad_oauth_state', 'OAuth state not found or expired')
  t.same(await come('code=x'), home('bad_oauth_callback', 'OAuth state parameter missing'))
  t.same(
    await come("state='; drop table auth.users&code=x"),
    home('bad_oauth_state', 'OAuth state parameter is invalid'),
  )
  t.same(await come('state=00000000-0000-4000-8000-000000000000&code=x'), unknown, 'forged')

  allIsWell()
  const old = await stateOf('provider=keycloak')
  await timePasses('301 seconds')
  t.same(
    await come(`code=abcdef&state=${old}`),
    home('bad_oauth_state', 'OAuth state has expired'),
    'expired',
  )

  sites.answer(`${realm}/token`, { status: 400, body: { error: 'invalid_grant' } })
  sites.taken()
  const state = await stateOf('provider=keycloak')
  t.same(await come(`code=abcdef&state=${state}`), notExchanged, 'a code that was used before')
  t.same(await come(`code=abcdef&state=${state}`), unknown, 'replayed')
  const posted = new URLSearchParams({ code: 'abcdef', state }).toString()
  t.same(landed(await ask('/callback', posted)), unknown, 'replayed as a form')
  t.equal(sites.taken().length, 1, 'the site was asked once')

  const [user] = await sql`select auth.admin_create_user(email => 'gone@example.com') as it`
  const deleted = await stateOf('provider=keycloak')
  await sql`update auth.flow_state set linking_target_id = ${user?.it.id} where id = ${deleted}`
  await sql`select auth.admin_delete_user(${user?.it.id})`
  t.same(
    await come(`code=abcdef&state=${deleted}`),
    {
      ...home('user_not_found', 'Linking target user not found'),
      query: {
        error: 'server_error',
        error_code: 'user_not_found',
        error_description: 'Linking target user not found',
      },
    },
    'of a user who is gone',
  )
})

nothingHappens('who comes back without a code is told why', async (t) => {
  const back = async (query: string) => come(`state=${await stateOf('provider=keycloak')}&${query}`)
  t.same(
    await back('error=access_denied&error_description=The+user+said+%3Cno%3E'),
    told('access_denied', undefined, 'The user said <no>'),
  )
  t.same(
    await back(''),
    told(
      'invalid_request',
      'bad_oauth_callback',
      'OAuth callback with missing authorization code missing',
    ),
  )
  allIsWell()
  t.same(await back('code=abcdef&iss=https://evil.example'), notExchanged, 'RFC 9207')

  const state = await stateOf('provider=github')
  await configured('github', { enabled: false })
  await stack.until(async () => (await ask('/authorize?provider=github')).status === 400)
  t.same(
    await come(`code=abcdef&state=${state}`),
    told(
      'invalid_request',
      'oauth_provider_not_supported',
      'Unsupported provider: provider is not enabled',
    ),
  )
  await configured('github', { enabled: true })
  await stack.until(async () => (await ask('/authorize?provider=github')).status === 302)
})

const nonsense: Record<string, Answer> = {
  'a fault': { status: 500, body: { ...tokens, ...ann } },
  'a page': { body: '<html><body>canary-access-token</body></html>' },
  nothing: { body: '' },
  null: { body: 'null' },
  'a list': { body: [{ ...tokens, ...ann }] },
  'wrong types': { body: { access_token: 5, sub: { a: 1 }, email: [] } },
  'too much': { body: { ...tokens, ...ann, more: 'x'.repeat(1024 * 1024) } },
  'hanging up': { broken: true },
  'being elsewhere': { status: 302, headers: { location: '/elsewhere' } },
}

nothingHappens('a site that answers nonsense signs nobody in', async (t) => {
  t.same(await signIn('discord'), notExchanged, 'down')
  for (const [what, answer] of Object.entries(nonsense)) {
    allIsWell()
    sites.answer(`${realm}/token`, answer)
    t.same(await signIn('keycloak'), notExchanged, `token: ${what}`)
    allIsWell()
    sites.answer(`${realm}/userinfo`, answer)
    t.same(await signIn('keycloak'), noProfile, `userinfo: ${what}`)
  }
  allIsWell()
  sites.answer(`${realm}/userinfo`, { body: { sub: 'ann' } })
  t.same(
    await signIn('keycloak'),
    failed('Error getting user email from external provider'),
    'no address',
  )
  t.notOk(sites.taken().some(({ url }) => url.includes('elsewhere')))
})

nothingHappens('a site that is slow is given up', async (t) => {
  // A gateway reads the limit when it starts. It is long enough for what does answer.
  await stack.configure({ internal_http_timeout: '4s' })
  const gateway = await openGateway(t, stack.db)
  const impatient = openClient(gateway.url)
  const silent: Answer = { silent: true }
  const drips: Answer = { drips: true }
  sites.answer(`${sites.url}/login/oauth/access_token`, silent)
  sites.answer(`${realm}/token`, drips)
  sites.answer(issuer.metadata.token_endpoint, { body: tokens })
  sites.answer(issuer.metadata.userinfo_endpoint, silent)
  sites.answer(`${sites.url}/plain/token`, { body: tokens })
  sites.answer(`${sites.url}/plain/me`, drips)
  sites.answer(`${broken}/.well-known/openid-configuration`, silent)
  const [token, endless, profile, endlessProfile, discovery] = await Promise.all([
    signIn('github', impatient),
    signIn('keycloak', impatient),
    signIn('custom:good', impatient),
    signIn('custom:plain', impatient),
    impatient('/authorize?provider=custom:broken'),
  ])
  t.same([token, endless], [notExchanged, notExchanged])
  t.same([profile, endlessProfile], [noProfile, noProfile])
  t.match(discovery, { status: 400, body: { error_code: 'validation_failed' } })
})

/** Tokens that are wrong in one way, and what a client who brings one is told. */
async function badTokens(): Promise<Record<string, [token: unknown, description: string]>> {
  const bad = 'Bad ID token'
  const evil = await openIssuer(sites, `${sites.url}/evil`)
  const now = Math.floor(Date.now() / 1000)
  const claims: JWTPayload = { ...ann, iss: sites.url, aud: 'canary-client', exp: now + 600 }
  const publicKey = (await importJWK(issuer.jwk(), 'RS256')) as CryptoKey
  const shared = (secret: string) => {
    const text = [{ alg: 'HS256', kid: issuer.jwk().kid }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const good = await issuer.sign(ann)
  const [header, , signature] = good.split('.')
  const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url')
  return {
    'another issuer': [await evil.sign(ann), bad],
    'another issuer’s signature': [await evil.sign({ ...ann, iss: sites.url }), bad],
    'our issuer with a slash': [await issuer.sign({ ...ann, iss: `${sites.url}/` }), bad],
    'no issuer': [await issuer.sign({ ...ann, iss: undefined }), bad],
    'another audience': [
      await issuer.sign({ ...ann, aud: 'other' }),
      'Unacceptable audience in id_token: [other]',
    ],
    'several other audiences': [
      await issuer.sign({ ...ann, aud: ['a', 'b'] }),
      'Unacceptable audience in id_token: [a b]',
    ],
    'no audience': [
      await issuer.sign({ ...ann, aud: undefined }),
      'Unacceptable audience in id_token: []',
    ],
    'a nonce that was not asked for': [
      await issuer.sign({ ...ann, nonce: 'x' }),
      'Passed nonce and nonce in id_token should either both exist or not.',
    ],
    expired: [await issuer.sign({ ...ann, exp: now - 61 }), bad],
    'no end': [await issuer.sign({ ...ann, exp: undefined }), bad],
    'not yet valid': [await issuer.sign({ ...ann, nbf: now + 600 }), bad],
    'alg none': [new UnsecuredJWT(claims).encode(), bad],
    'alg none, in other letters': [
      `${Buffer.from('{"alg":"nOnE"}').toString('base64url')}.${payload}.`,
      bad,
    ],
    'the public key as a secret': [shared(await exportSPKI(publicKey)), bad],
    'the published key as a secret': [shared(JSON.stringify(issuer.jwk())), bad],
    'an empty secret': [shared(''), bad],
    'an unknown kid': [await issuer.sign(ann, { kid: 'unknown' }), bad],
    'a key of its own': [
      await new SignJWT(claims)
        .setProtectedHeader({
          alg: 'RS256',
          kid: issuer.jwk().kid,
          jwk: pair.publicKey.export({ format: 'jwk' }) as never,
          jku: `${sites.url}/evil/jwks`,
        })
        .sign(pair.privateKey),
      bad,
    ],
    'other claims under a good signature': [`${header}.${payload}.${signature}`, bad],
    'half of a token': [good.slice(0, good.length / 2), bad],
    nonsense: ['nonsense', bad],
    nobody: [await issuer.sign({ email: ann.email }), 'Missing sub claim in id_token'],
    'an empty name': [await issuer.sign({ ...ann, sub: '' }), 'Missing sub claim in id_token'],
  }
}
const bring = async (body: object) => {
  const { status, body: said } = await ask('/token?grant_type=id_token', body)
  return { status, body: said }
}
const oauth = (error: string, error_description: string) => ({
  status: 400,
  body: { error, error_description },
})

nothingHappens('a bad id_token is refused, whatever is bad about it', async (t) => {
  const provider = 'custom:good'
  for (const [what, [id_token, description]] of Object.entries(await badTokens())) {
    t.same(await bring({ provider, id_token }), oauth('invalid request', description), what)
  }
  const id_token = await issuer.sign({ ...ann, nonce: 'the nonce itself' })
  t.same(
    await bring({ provider, id_token, nonce: 'the nonce itself' }),
    oauth('invalid nonce', 'Nonces mismatch'),
  )
  t.same(
    await bring({ provider, id_token: await issuer.sign(ann), nonce: 'x' }),
    oauth('invalid request', 'Passed nonce and nonce in id_token should either both exist or not.'),
  )
})

nothingHappens('an id_token for a site that does not take it is refused', async (t) => {
  const id_token = await issuer.sign(ann)
  for (const [body, answer] of [
    [{}, oauth('invalid request', 'id_token required')],
    [{ id_token }, oauth('invalid request', 'provider or client_id and issuer required')],
    [
      { id_token, provider: 'nobody' },
      refused(400, 'validation_failed', 'Custom OIDC provider "nobody" not allowed'),
    ],
    [
      { id_token, issuer: sites.url + '/other', client_id: 'canary-client' },
      refused(400, 'validation_failed', 'Custom OIDC provider "" not allowed'),
    ],
    [
      { id_token, provider: 'google' },
      refused(
        400,
        'provider_disabled',
        'Provider (issuer "https://accounts.google.com") is not enabled',
      ),
    ],
    [
      { id_token, provider: 'apple' },
      refused(400, 'validation_failed', 'Detected ID token issuer is not an Apple ID token issuer'),
    ],
    [
      { id_token, provider: 'azure' },
      refused(400, 'validation_failed', 'Detected ID token issuer is not an Azure ID token issuer'),
    ],
    [
      { id_token: 'x', provider: 'apple' },
      refused(400, 'validation_failed', 'Unable to detect issuer in ID token for Apple provider'),
    ],
    [
      { id_token, provider: 'custom:none' },
      refused(400, 'validation_failed', 'Custom provider "custom:none" not found'),
    ],
    [
      { id_token, provider: 'custom:off' },
      refused(400, 'provider_disabled', 'Custom provider "custom:off" is disabled'),
    ],
    [
      { id_token, provider: 'custom:plain' },
      refused(400, 'validation_failed', 'Provider "custom:plain" is not an OIDC provider'),
    ],
  ] as const) {
    t.same(await bring(body), answer, JSON.stringify({ ...body, id_token: '…' }))
  }
  const bound = await issuer.sign({ ...ann, nonce: 'x' })
  for (const body of [
    { id_token: 5, provider: 'custom:good' },
    { id_token: [id_token], provider: 'custom:good' },
    { id_token, provider: ['custom:good'] },
    { id_token: bound, provider: 'custom:good', nonce: 5 },
    { id_token, provider: 'custom:good', access_token: {} },
    { id_token, issuer: {}, client_id: true },
  ]) {
    const { status, body: said } = await bring(body)
    t.match(
      { status, said },
      { status: 400, said: { error_code: 'bad_json', msg: /cannot unmarshal/ } },
      JSON.stringify({ ...body, id_token: '…' }),
    )
  }
})

nothingHappens('an id_token that a callback brings is verified like any other', async (t) => {
  for (const [what, [id_token]] of Object.entries(await badTokens())) {
    // There the nonce is the client's own affair.
    if (what.includes('nonce')) continue
    sites.answer(issuer.metadata.token_endpoint, { body: { ...tokens, id_token } })
    t.same(await signIn('custom:good'), noProfile, what)
  }
})

nothingHappens('nobody is led away from home, however it is written', async (t) => {
  const away = async (redirect: string, headers: Record<string, string> = {}) => {
    const query = new URLSearchParams({ provider: 'keycloak', redirect_to: redirect })
    const begun = await ask(`/authorize?${query}`, undefined, { headers })
    const state = new URL(begun.headers.location as string).searchParams.get('state')
    return (await come(`state=${state}&error=access_denied`)).place
  }
  for (const place of [
    `${app}/deep/path`,
    'https://a.example.org/welcome',
    'https://abc.example.net/x/y.z',
    'myapp://callback',
  ]) {
    t.equal(await away(place), place)
  }
  const tricks = [
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:///evil.example',
    `${app}.evil.example`,
    `${app}evil.example`,
    `${app}@evil.example`,
    `${app}:pw@evil.example`,
    `${app}:443@evil.example`,
    `${app}\\@evil.example`,
    `${app}\\.evil.example`,
    `${app}%2f@evil.example`,
    `${app}%40evil.example`,
    `${app}%2eevil.example`,
    `${app}%00.evil.example`,
    `${app}。evil.example`,
    `${app}／.evil.example`,
    `${app}&evil.example`,
    `${app};@evil.example`,
    'http://app.example.com',
    'https://app.example.com:8443',
    `https://evil.example/${app}`,
    `https://evil.example?${app}`,
    `https://evil.example#${app}`,
    'https://a.b.example.org/welcome',
    'https://evil.example/.example.org/welcome',
    'https://evil.example%2f.example.org/welcome',
    'https://evil.example?.example.org/welcome',
    'https://evil.example#.example.org/welcome',
    'https://evil.example\\.example.org/welcome',
    'https://x@evil.example:1/.example.org/welcome',
    'https://a.example.org/welcome/../../evil',
    'https://a.example.org/welcome%2f..%2fevil',
    'https://a/c.example.net/x',
    'https://a.c.example.net/x',
    'https://a@c.example.net.evil.example/x',
    'myapp://callback.evil.example',
    'myapp://callback@evil.example',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    `javascript://${app.slice(8)}/%0aalert(1)`,
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    `blob:${app}/1`,
    ` ${app}.evil.example`,
    `${app}\r\nLocation: https://evil.example`,
    'http://127.0.0.1@evil.example',
    'http://2130706433.evil.example',
    'http://8.8.8.8',
    'http://0x08080808',
  ]
  const asReferer = (trick: string) =>
    away('https://evil.example', {
      referer: trick.replace(/[^\x21-\x7e]/g, encodeURIComponent),
    })
  for (const [what, places] of [
    ['redirect_to', await Promise.all(tricks.map((trick) => away(trick)))],
    ['Referer', await Promise.all(tricks.map(asReferer))],
  ] as const) {
    for (const [n, place] of places.entries()) t.equal(place, `${app}/`, `${what}: ${tricks[n]}`)
  }
})

t.test('and yet all of them work when all is well', async (t) => {
  allIsWell()
  sites.answer(`${sites.url}/plain/token`, { body: tokens })
  sites.answer(`${sites.url}/plain/me`, { body: ann })
  sites.answer(issuer.metadata.token_endpoint, {
    body: { ...tokens, id_token: await issuer.sign(ann) },
  })
  for (const provider of ['keycloak', 'custom:plain', 'custom:good']) {
    t.match((await signIn(provider)).fragment, { access_token: String }, provider)
  }
  const form = new URLSearchParams({ code: 'abcdef', state: await stateOf('provider=keycloak') })
  t.match(landed(await ask('/callback', form.toString())), {
    status: 302,
    fragment: { access_token: String },
  })
  t.match(await bring({ provider: 'custom:good', id_token: await issuer.sign(ann) }), {
    status: 200,
  })
  const [made] = await sql`select count(*)::int as users from auth.users`
  t.equal(made?.users, 1)
})
