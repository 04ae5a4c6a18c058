// id_tokens that clients bring: whose are accepted, and for whom.

import { createHash, createHmac } from 'node:crypto'
import {
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { pino } from 'pino'
import t from 'tap'
import { createProviders } from '../../gateway/provider/providers.ts'
import type { IdTokenRequest, ProviderConfig } from '../../gateway/provider/types.ts'
import { config, openIssuer, openSites } from './sites.ts'

const sites = await openSites(t)
const logged: string[] = []
const log = pino({}, { write: (line: string) => void logged.push(line) })
const google = await openIssuer(sites, 'https://accounts.google.com')
const apple = await openIssuer(sites, 'https://appleid.apple.com')
const tenant = 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47'
const azure = await openIssuer(sites, `${tenant}/v2.0`)
const evil = await openIssuer(sites, 'https://evil.example.com')

const configs: Record<string, ProviderConfig> = Object.fromEntries(
  ['google', 'azure', 'facebook', 'kakao', 'snapchat', 'vercel_marketplace'].map((name) => [
    name,
    config(name, { secret: '', redirectUri: '' }),
  ]),
)
configs.apple = config('apple', { audiences: ['com.example.ios'] })
configs.keycloak = config('keycloak', { url: 'https://sso.example.com/realms/staff' })

const settings = (more: Partial<Record<string, ProviderConfig>> = {}) => ({
  configOf: (name: string) => ({ ...configs, ...more })[name],
  customEnabled: true,
  allowedIssuers: ['https://old.example.com'],
})
const open = () => createProviders({ fetch: sites.fetch, log })
const providers = open()
const bring = (request: IdTokenRequest, more?: Partial<Record<string, ProviderConfig>>) =>
  providers.verifyIdToken(request, settings(more))

/** What a refused request is told. */
async function refusalOf(promise: Promise<unknown>) {
  const error = (await promise.then(
    () => ({ refusal: 'nothing was refused' }),
    (error: unknown) => error,
  )) as { refusal: unknown }
  return error.refusal
}

const oauth = (error: string, message: string) => ({
  status: 400,
  code: error,
  message,
  oauth: error,
})
const bad = oauth('invalid request', 'Bad ID token')
const invalid = (message: string) => ({ status: 400, code: 'validation_failed', message })
const sha256 = (text: string) => createHash('sha256').update(text)
const seconds = (from: number) => Math.floor(Date.now() / 1000) + from

t.test('a token of Google is somebody at Google', async (t) => {
  const id_token = await google.sign({
    sub: '1101',
    email: 'Ann@example.com',
    email_verified: true,
    name: 'Ann',
    hd: 'example.com',
  })
  t.same(await bring({ provider: 'google', id_token }), {
    provider: 'google',
    emailOptional: false,
    profile: {
      subject: '1101',
      issuer: 'https://accounts.google.com',
      emails: [{ email: 'Ann@example.com', verified: true, primary: true }],
      data: {
        iss: 'https://accounts.google.com',
        sub: '1101',
        provider_id: '1101',
        name: 'Ann',
        full_name: 'Ann',
        email: 'ann@example.com',
        email_verified: true,
        phone_verified: false,
        custom_claims: { hd: 'example.com' },
      },
    },
  })
})

t.test('every provider that has them takes its own tokens, by name or by issuer', async (t) => {
  const issuers: [string, string, JWTPayload, object][] = [
    ['apple', 'https://account.apple.com', {}, { email_verified: true }],
    [
      'facebook',
      'https://www.facebook.com',
      { name: 'Ann' },
      { name: 'Ann', email_verified: true },
    ],
    [
      'kakao',
      'https://kauth.kakao.com',
      { nickname: 'Ann' },
      { name: 'Ann', preferred_username: 'Ann', email_verified: true },
    ],
    [
      'snapchat',
      'https://accounts.snapchat.com/accounts/oauth2/token',
      { given_name: 'Ann' },
      { given_name: 'Ann', email_verified: true },
    ],
    [
      'keycloak',
      'https://sso.example.com/realms/staff',
      { name: 'Ann' },
      { email_verified: false },
    ],
  ]
  for (const [provider, issuer, claims, data] of issuers) {
    const site = await openIssuer(sites, issuer)
    const id_token = await site.sign({ sub: 'ann', email: 'ann@example.com', ...claims })
    for (const request of [{ provider }, { issuer, client_id: 'whatever' }]) {
      const got = await bring({ ...request, id_token })
      t.match(got, { provider, profile: { subject: 'ann', issuer, data } }, provider)
    }
  }
  const vercel = await openIssuer(sites, 'https://marketplace.vercel.com')
  const id_token = await vercel.sign({ sub: 'account:1', user_email: 'ann@example.com' })
  t.match(await bring({ provider: 'vercel_marketplace', id_token }), {
    profile: { subject: 'account:1', emails: [{ email: 'ann@example.com', verified: true }] },
  })
})

t.test('a request lacks what it needs', async (t) => {
  const id_token = await google.sign({ sub: '1' })
  const cases: [IdTokenRequest, string][] = [
    [{ provider: 'google' }, 'id_token required'],
    [{ provider: 'google', id_token: '' }, 'id_token required'],
    [{ id_token }, 'provider or client_id and issuer required'],
    [{ id_token, client_id: 'canary-client' }, 'provider or client_id and issuer required'],
    [{ id_token, issuer: google.issuer }, 'provider or client_id and issuer required'],
  ]
  for (const [request, message] of cases) {
    t.same(await refusalOf(bring(request)), oauth('invalid request', message))
  }
})

t.test('a bad token is refused, whatever is bad about it', async (t) => {
  const { kid } = google.jwk()
  const sub = '1101'
  const now = seconds(0)
  const good = { iss: google.issuer, aud: 'canary-client', iat: now, exp: now + 600, sub }
  const stranger = (await generateKeyPair('RS256')).privateKey
  const publicPem = await exportSPKI((await importJWK(google.jwk(), 'RS256')) as CryptoKey)
  const [header, payload] = [
    { alg: 'HS256', kid },
    { ...good, sub: '1102' },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const confused = (key: string) =>
    `${header}.${payload}.${createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url')}`
  const signed = await google.sign({ sub })

  const cases: Record<string, string> = {
    'no token': 'nonsense',
    'two parts': signed.split('.').slice(0, 2).join('.'),
    'no JSON': 'a.b.c',
    'another signature': signed.slice(0, -8) + 'AAAAAAAA',
    'another payload': [signed.split('.')[0], payload, signed.split('.')[2]].join('.'),
    'alg none': new UnsecuredJWT(good).encode(),
    'alg none with a kid': `${Buffer.from(JSON.stringify({ alg: 'none', kid })).toString('base64url')}.${payload}.`,
    'HS256 with the public key as PEM': confused(publicPem),
    'HS256 with the public key as JWK': confused(JSON.stringify(google.jwk())),
    'a key of its own in the header': await new SignJWT(good)
      .setProtectedHeader({ alg: 'RS256', jwk: google.jwk() })
      .sign(stranger),
    "a stranger's key under a known kid": await new SignJWT(good)
      .setProtectedHeader({ alg: 'RS256', kid: String(kid) })
      .sign(stranger),
    'an unknown kid': await google.sign({ sub }, { kid: 'key-99' }),
    'an alg that is not the key’s': await new SignJWT(good)
      .setProtectedHeader({ alg: 'PS256', kid: String(kid) })
      .sign((await generateKeyPair('PS256')).privateKey),
    expired: await google.sign({ sub, exp: seconds(-61) }),
    'never expires': await google.sign({ sub, exp: undefined as never }),
    'not yet valid': await google.sign({ sub, nbf: seconds(120) }),
    'another issuer': await google.sign({ sub, iss: evil.issuer }),
    'an issuer with a slash more': await google.sign({ sub, iss: `${google.issuer}/` }),
    'no issuer': await google.sign({ sub, iss: undefined as never }),
    "another issuer's own token": await evil.sign({ sub }),
    'an extension that we do not know': await new SignJWT(good)
      .setProtectedHeader({ alg: 'RS256', kid: String(kid), crit: ['x'], x: 1 })
      .sign(google.privateKey(), { crit: { x: true } }),
  }
  for (const [what, id_token] of Object.entries(cases)) {
    t.same(await refusalOf(bring({ provider: 'google', id_token })), bad, what)
  }
  t.match(
    await bring({ provider: 'google', id_token: signed }),
    { provider: 'google' },
    'a good one',
  )
})

t.test('clocks may differ by a minute', async (t) => {
  for (const claims of [{ exp: seconds(-40) }, { nbf: seconds(40) }]) {
    const id_token = await google.sign({ sub: '1101', ...claims })
    t.match(await bring({ provider: 'google', id_token }), { provider: 'google' })
  }
})

t.test('a token names somebody', async (t) => {
  for (const sub of [undefined, '']) {
    const id_token = await google.sign({ sub: sub as never })
    t.same(
      await refusalOf(bring({ provider: 'google', id_token })),
      oauth('invalid request', 'Missing sub claim in id_token'),
    )
  }
})

t.test('a token is for us', async (t) => {
  const unacceptable = (audiences: string) =>
    oauth('invalid request', `Unacceptable audience in id_token: [${audiences}]`)
  const cases: [string | string[] | undefined, string][] = [
    ['someone-else', 'someone-else'],
    [['one', 'two'], 'one two'],
    ['', ''],
    [undefined, ''],
  ]
  for (const [aud, named] of cases) {
    const id_token = await google.sign({ sub: '1', aud: aud as never })
    t.same(await refusalOf(bring({ provider: 'google', id_token })), unacceptable(named))
  }
  for (const aud of ['canary-client', 'other-client', ['else', 'other-client']]) {
    const id_token = await google.sign({ sub: '1', aud })
    t.match(await bring({ provider: 'google', id_token }), { provider: 'google' })
  }
  const id_token = await apple.sign({ sub: '1', aud: 'com.example.ios' })
  t.match(await bring({ provider: 'apple', id_token }), { provider: 'apple' }, 'an iOS bundle')
})

t.test('a nonce binds the token to the request', async (t) => {
  const nonce = sha256('raw').digest('hex')
  const alone = oauth(
    'invalid request',
    'Passed nonce and nonce in id_token should either both exist or not.',
  )
  const mismatch = oauth('invalid nonce', 'Nonces mismatch')
  const cases: [string | undefined, string | undefined, unknown][] = [
    [nonce, undefined, alone],
    [nonce, '', alone],
    [undefined, 'raw', alone],
    [nonce, 'other', mismatch],
    [nonce, nonce, mismatch],
    ['raw', 'raw', mismatch],
    [nonce.toUpperCase(), 'raw', mismatch],
  ]
  for (const [inToken, given, refusal] of cases) {
    const id_token = await google.sign({ sub: '1', ...(inToken && { nonce: inToken }) })
    const request = { provider: 'google', id_token, ...(given !== undefined && { nonce: given }) }
    t.same(await refusalOf(bring(request)), refusal)
  }
  const id_token = await google.sign({ sub: '1', nonce })
  t.match(await bring({ provider: 'google', id_token, nonce: 'raw' }), { provider: 'google' })

  const skips = { google: config('google', { skipNonceCheck: true }) }
  t.match(await bring({ provider: 'google', id_token }, skips), { provider: 'google' }, 'skipped')
  const facebook = await openIssuer(sites, 'https://www.facebook.com')
  const limited = await facebook.sign({ sub: '1', nonce: 'anything' })
  t.match(
    await open().verifyIdToken({ provider: 'facebook', id_token: limited }, settings()),
    { provider: 'facebook' },
    'never checked at Facebook',
  )
})

t.test('at_hash binds the token to an access token that comes with it', async (t) => {
  const at_hash = sha256('token').digest().subarray(0, 16).toString('base64url')
  const id_token = await google.sign({ sub: '1', at_hash })
  const request = { provider: 'google', id_token }
  t.same(await refusalOf(bring({ ...request, access_token: 'other' })), bad)
  t.match(await bring({ ...request, access_token: 'token' }), { provider: 'google' })
  t.match(await bring(request), { provider: 'google' }, 'without an access token')
  const without = await google.sign({ sub: '1' })
  t.match(await bring({ ...request, id_token: without, access_token: 'x' }), { provider: 'google' })

  for (const [alg, hash] of [['ES384', 'sha384'] as const, ['PS512', 'sha512'] as const]) {
    const site = await openIssuer(sites, 'https://kauth.kakao.com', {
      id_token_signing_alg_values_supported: [alg],
    })
    await site.rotate(alg)
    const digest = createHash(hash).update('token').digest()
    const half = digest.subarray(0, digest.length / 2).toString('base64url')
    const token = await site.sign({ sub: '1', at_hash: half })
    const fresh = open()
    const verify = (access_token: string) =>
      fresh.verifyIdToken({ provider: 'kakao', id_token: token, access_token }, settings())
    t.match(await verify('token'), { provider: 'kakao' }, alg)
    t.same(await refusalOf(verify('other')), bad, alg)
  }
})

t.test("an attacker's issuer is accepted for nobody", async (t) => {
  const victim = { sub: '1', email: 'victim@example.com', email_verified: true }
  const foreign = (site: string) =>
    invalid(`Detected ID token issuer is not an ${site} ID token issuer`)
  const spoofs = [
    evil.issuer,
    'https://appleid.apple.com.evil.example.com',
    'https://login.microsoftonline.com.evil.example.com/t/v2.0',
    'https://login.microsoftonline.com@evil.example.com/t/v2.0',
    'https://login.microsoftonline.com/../../evil.example.com/v2.0',
    'https://login.microsoftonline.com/a/b/v2.0',
    'https://login.microsoftonline.com/common/../x?/v2.0',
    'https://sts.windows.net.evil.example.com/t/',
    'http://login.microsoftonline.com/t/v2.0',
    'HTTPS://appleid.apple.com',
    '',
  ]
  for (const iss of spoofs) {
    const id_token = await evil.sign({ ...victim, iss })
    t.same(await refusalOf(bring({ provider: 'apple', id_token })), foreign('Apple'), iss)
    t.same(await refusalOf(bring({ provider: 'azure', id_token })), foreign('Azure'), iss)
    t.same(await refusalOf(bring({ provider: 'google', id_token })), bad, iss)
  }
  for (const [provider, site] of [
    ['apple', 'Apple'],
    ['azure', 'Azure'],
  ] as const) {
    t.same(
      await refusalOf(bring({ provider, id_token: 'nonsense' })),
      invalid(`Unable to detect issuer in ID token for ${site} provider`),
    )
  }
  const id_token = await apple.sign(victim)
  t.same(
    await refusalOf(bring({ provider: 'apple', issuer: 'https://account.apple.com', id_token })),
    invalid('Provided issuer does not match ID token issuer'),
  )
  t.notOk(
    sites.taken().some(({ url }) => url.includes('evil')),
    'and is never asked for its keys',
  )
})

t.test('Azure takes every tenant, or the one that its URL names', async (t) => {
  const claims = { sub: '1', email: 'ann@contoso.example' }
  const id_token = await azure.sign(claims)
  const other = await openIssuer(sites, 'https://login.microsoftonline.com/other/v2.0')
  const old = await openIssuer(
    sites,
    'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/',
  )
  const at = (url: string) => ({ azure: config('azure', { url }) })
  const foreign = invalid('Detected ID token issuer is not an Azure ID token issuer')

  t.match(await bring({ provider: 'azure', id_token }), {
    provider: 'azure',
    profile: { emails: [{ email: 'ann@contoso.example', verified: true }] },
  })
  t.match(await bring({ provider: 'azure', id_token: await other.sign(claims) }), {
    provider: 'azure',
  })
  t.match(await bring({ provider: 'azure', id_token: await old.sign(claims) }), {
    provider: 'azure',
    profile: { emails: [{ email: 'ann@contoso.example', verified: false }] },
  })
  t.match(await bring({ provider: 'azure', id_token }, at(tenant)), { provider: 'azure' })
  t.match(await bring({ provider: 'azure', id_token }, at(`${tenant}/`)), { provider: 'azure' })
  t.same(
    await refusalOf(bring({ provider: 'azure', id_token: await other.sign(claims) }, at(tenant))),
    foreign,
  )
  for (const [xms_edov, verified] of [
    [true, true],
    ['1', true],
    ['true', true],
    [1, false],
    ['0', false],
    [false, false],
  ]) {
    const id_token = await azure.sign({ ...claims, xms_edov })
    const { profile } = await bring({ provider: 'azure', id_token })
    t.equal(profile.emails[0]?.verified, verified, `xms_edov ${JSON.stringify(xms_edov)}`)
  }
})

t.test('a provider must be enabled, and nothing more', async (t) => {
  const id_token = await google.sign({ sub: '1' })
  for (const google of [undefined, config('google', { enabled: false })]) {
    t.same(await refusalOf(bring({ provider: 'google', id_token }, { google })), {
      status: 400,
      code: 'provider_disabled',
      message: 'Provider (issuer "https://accounts.google.com") is not enabled',
    })
  }
  t.same(
    await refusalOf(
      bring({ provider: 'azure', id_token: await azure.sign({}) }, { azure: undefined }),
    ),
    {
      status: 400,
      code: 'provider_disabled',
      message: `Provider (issuer "${azure.issuer}") is not enabled`,
    },
  )
})

t.test('an issuer without provider must be on the list', async (t) => {
  const old = await openIssuer(sites, 'https://old.example.com')
  const id_token = await old.sign({
    sub: '1',
    email: 'ann@example.com',
    aud: 'mine',
    nickname: 'a',
  })
  const request = { issuer: old.issuer, client_id: 'mine', id_token }
  t.match(await bring(request), {
    provider: 'https://old.example.com',
    profile: {
      subject: '1',
      emails: [{ email: 'ann@example.com', verified: false, primary: true }],
      data: { iss: old.issuer, aud: ['mine'], nickname: 'a', email_verified: false },
    },
  })
  t.same(
    await refusalOf(bring({ ...request, client_id: 'other' })),
    oauth('invalid request', 'Unacceptable audience in id_token: [mine]'),
  )
  for (const [provider, issuer] of [
    [undefined, 'https://evil.example.com'],
    [undefined, 'https://old.example.com/'],
    ['github', ''],
    ['__proto__', ''],
  ] as const) {
    const id_token = await evil.sign({ sub: '1' })
    t.same(
      await refusalOf(bring({ ...(provider && { provider }), issuer, client_id: 'x', id_token })),
      invalid(`Custom OIDC provider "${provider ?? ''}" not allowed`),
    )
  }
})

t.test('new keys are looked for when a token names one, but not for every token', async (t) => {
  const issuer = await openIssuer(sites, 'https://kauth.kakao.com')
  const asked = () => sites.taken().filter(({ url }) => url === issuer.metadata.jwks_uri).length
  const patient = open()
  const verify = async (with_ = patient) =>
    with_.verifyIdToken(
      { provider: 'kakao', id_token: await issuer.sign({ sub: '1' }) },
      settings(),
    )
  asked()
  await verify()
  await verify()
  t.equal(asked(), 1, 'the keys are kept')
  await issuer.rotate()
  for (let i = 0; i < 5; i++) {
    t.same(await refusalOf(verify()), bad)
  }
  t.equal(asked(), 0, 'strange tokens within the pause ask for nothing')

  const eager = createProviders({ fetch: sites.fetch, log, keyCooldown: 0 })
  await verify(eager)
  const before = await issuer.sign({ sub: '1' })
  await issuer.rotate()
  t.match(await verify(eager), { provider: 'kakao' }, 'the new key')
  t.same(
    await refusalOf(eager.verifyIdToken({ provider: 'kakao', id_token: before }, settings())),
    bad,
    'the old key, which is no longer published',
  )
})

t.test('an issuer that is out of order is our failure, not the client’s', async (t) => {
  const id_token = await google.sign({ sub: '1' })
  const failure = {
    status: 500,
    code: 'unexpected_failure',
    message: 'Unexpected failure, please check server logs for more information',
  }
  for (const answer of [
    { status: 503 },
    { body: '<html>' },
    { body: [] },
    { body: { ...google.metadata, issuer: evil.issuer } },
    { body: { issuer: google.issuer } },
  ]) {
    sites.answer(google.place, answer)
    const asking = open().verifyIdToken({ provider: 'google', id_token }, settings())
    t.same(await refusalOf(asking), failure, JSON.stringify(answer))
  }
  const stale = createProviders({ fetch: sites.fetch, log, discoveryTtl: 0 })
  sites.answer(google.place, { body: google.metadata })
  await stale.verifyIdToken({ provider: 'google', id_token }, settings())
  sites.answer(google.place, { status: 503 })
  t.match(
    await stale.verifyIdToken({ provider: 'google', id_token }, settings()),
    { provider: 'google' },
    'what was known of it serves on',
  )
})

t.test('the log tells why, and shows no token', async (t) => {
  t.ok(logged.length > 20)
  t.match(logged.join(''), /JWTExpired ERR_JWT_EXPIRED exp/)
  t.notMatch(logged.join(''), /eyJ/)
})
