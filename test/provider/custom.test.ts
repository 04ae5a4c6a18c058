// Providers of one's own: OpenID Connect by discovery or by addresses, OAuth 2 with a userinfo
// endpoint, and what a row makes of their claims.

import { createHash } from 'node:crypto'
import { pino } from 'pino'
import t from 'tap'
import { createProviders } from '../../gateway/provider/providers.ts'
import type { CustomProvider, ProviderConfig } from '../../gateway/provider/types.ts'
import { config, openIssuer, openSites } from './sites.ts'

const sites = await openSites(t)
const providers = createProviders({ fetch: sites.fetch, log: pino({ level: 'silent' }) })
const codeVerifier = 'canary-verifier-0123456789-0123456789-0123456789'
const params = new URLSearchParams({ code: 'canary-code-0123456789' })
const issuer = await openIssuer(sites, 'https://id.example.com/')

const row = (more: Partial<CustomProvider>): CustomProvider => ({
  provider_type: 'oidc',
  acceptable_client_ids: [],
  scopes: ['email', 'profile'],
  pkce_enabled: true,
  attribute_mapping: {},
  custom_claims_allowlist: [],
  authorization_params: {},
  issuer: 'https://id.example.com/',
  ...more,
})
const oidc = (more: Partial<CustomProvider> = {}): ProviderConfig =>
  config('custom:own', { clientIds: ['canary-client'], custom: row(more) })
const oauth2 = (more: Partial<CustomProvider> = {}): ProviderConfig =>
  oidc({
    provider_type: 'oauth2',
    issuer: null,
    authorization_url: 'https://old.example.com/authorize?tenant=1',
    token_url: 'https://old.example.com/token',
    userinfo_url: 'https://old.example.com/me',
    ...more,
  })

const addressOf = async (site: ProviderConfig, query = '', scopes?: string) => {
  const address = await providers.authorizationUrl(site, {
    state: 's',
    ...(scopes !== undefined && { scopes }),
    forwarded: new URLSearchParams(query),
    ...(providers.needsPkce(site) && { codeVerifier }),
  })
  return [address.origin + address.pathname, Object.fromEntries(address.searchParams)]
}
const exchange = (site: ProviderConfig) =>
  providers.exchange(site, {
    state: 's',
    params,
    ...(providers.needsPkce(site) && { codeVerifier }),
  })
/** What a refused call is told. */
const refusalOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing was refused',
    (error: unknown) => (error as { refusal: unknown }).refusal,
  )

const answers = (url: string, body: object) =>
  sites.answer(url, {
    body: { access_token: 'canary-access-token', token_type: 'Bearer', ...body },
  })
const tokenEndpoint = String(issuer.metadata.token_endpoint)
const noProfile = {
  status: 500,
  code: 'unexpected_failure',
  message: 'Error getting user profile from external provider',
}

t.test('OpenID Connect by discovery', async (t) => {
  t.same(await addressOf(oidc()), [
    'https://id.example.com//authorize',
    {
      response_type: 'code',
      client_id: 'canary-client',
      redirect_uri: 'https://app.example.com/auth/v1/callback',
      scope: 'openid email profile',
      state: 's',
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    },
  ])
  const claims = { sub: 'ann', email: 'Ann@example.com', email_verified: true, name: 'Ann' }
  answers(tokenEndpoint, { id_token: await issuer.sign({ ...claims, nonce: 'any' }) })
  sites.taken()
  const { profile } = await exchange(oidc())
  t.match(profile, {
    subject: 'ann',
    issuer: 'https://id.example.com/',
    emails: [{ email: 'Ann@example.com', verified: true, primary: true }],
    data: { sub: 'ann', aud: ['canary-client'], name: 'Ann', email: 'ann@example.com' },
  })
  t.equal(profile.data.provider_id, undefined)
  const [{ headers, form } = { headers: {}, form: {} }] = sites.taken()
  t.match(headers, { authorization: /^Basic / })
  t.match(form, { code_verifier: codeVerifier })
})

t.test('its id_token is for us, and from it', async (t) => {
  const evil = await openIssuer(sites, 'https://evil.example.com')
  const cases = [
    await issuer.sign({ sub: 'ann', aud: 'other' }),
    await evil.sign({ sub: 'ann' }),
    await evil.sign({ sub: 'ann', iss: issuer.issuer }),
    await issuer.sign({ sub: 'ann', exp: 1 }),
    'nonsense',
  ]
  for (const id_token of cases) {
    answers(tokenEndpoint, { id_token })
    t.same(await refusalOf(exchange(oidc())), noProfile)
  }
  answers(tokenEndpoint, { id_token: await issuer.sign({ sub: 'ann', aud: 'ios' }) })
  t.match(await exchange(oidc({ acceptable_client_ids: ['ios'] })), { profile: { subject: 'ann' } })
})

t.test('without an id_token the userinfo endpoint is asked', async (t) => {
  answers(tokenEndpoint, {})
  sites.answer(String(issuer.metadata.userinfo_endpoint), {
    body: { sub: 'ann', email: 'ann@example.com', email_verified: 'true', updated_at: 1700000000 },
  })
  t.match(await exchange(oidc()), {
    profile: {
      emails: [{ verified: true }],
      data: { updated_at: '2023-11-14T22:13:20Z', email_verified: true },
    },
  })
  sites.answer(String(issuer.metadata.userinfo_endpoint), { body: { email: 'ann@example.com' } })
  t.same(await refusalOf(exchange(oidc())), noProfile)
})

t.test('the document may be elsewhere, but must name the issuer', async (t) => {
  const elsewhere = 'https://id.example.com/tenant/config.json'
  const site = oidc({ issuer: 'https://issuer.example.com', discovery_url: elsewhere })
  sites.answer(elsewhere, { body: { ...issuer.metadata, issuer: 'https://issuer.example.com' } })
  t.match(await addressOf(site), ['https://id.example.com//authorize'])
  const wrong = 'https://id.example.com/wrong.json'
  sites.answer(wrong, { body: issuer.metadata })
  t.match(
    await refusalOf(
      addressOf(oidc({ issuer: 'https://issuer.example.com', discovery_url: wrong })),
    ),
    {
      code: 'validation_failed',
      message:
        /^Unsupported provider: error creating OIDC provider: the discovery document is of another/,
    },
  )
  t.match(await refusalOf(addressOf(oidc({ issuer: 'https://nowhere.example.com' }))), {
    message:
      /^Unsupported provider: error creating OIDC provider: discovery answered with status 404/,
  })
})

t.test('OpenID Connect by addresses needs no document', async (t) => {
  const quiet = await openIssuer(sites, 'https://quiet.example.com')
  sites.answer(quiet.place, { status: 404 })
  const site = oidc({
    issuer: quiet.issuer,
    authorization_url: 'https://quiet.example.com/a',
    token_url: 'https://quiet.example.com/t',
    jwks_uri: quiet.metadata.jwks_uri,
  })
  t.match(await addressOf(site), ['https://quiet.example.com/a'])
  const id_token = await quiet.sign({ sub: 'ann' })
  answers('https://quiet.example.com/t', { id_token })
  t.match(await exchange(site), { profile: { subject: 'ann' } })
})

t.test('OAuth 2 is asked for the userinfo', async (t) => {
  t.same(await addressOf(oauth2({ pkce_enabled: false })), [
    'https://old.example.com/authorize',
    {
      tenant: '1',
      response_type: 'code',
      client_id: 'canary-client',
      redirect_uri: 'https://app.example.com/auth/v1/callback',
      scope: 'email profile',
      state: 's',
    },
  ])
  answers('https://old.example.com/token', { id_token: 'is.not.read' })
  sites.answer('https://old.example.com/me', {
    body: { sub: 'ann', email: 'ann@example.com', email_verified: true, nickname: 'a', more: 1 },
  })
  t.same(await exchange(oauth2()), {
    accessToken: 'canary-access-token',
    profile: {
      subject: 'ann',
      emails: [{ email: 'ann@example.com', verified: true, primary: true }],
      data: {
        sub: 'ann',
        nickname: 'a',
        email: 'ann@example.com',
        email_verified: true,
        phone_verified: false,
      },
    },
  })
})

t.test('a secret that is refused in the header is brought in the form', async (t) => {
  const refusing = createProviders({
    log: pino({ level: 'silent' }),
    fetch: async (input, init) =>
      new Headers(init?.headers).has('authorization') && String(input).endsWith('/token')
        ? Response.json({ error: 'invalid_client' }, { status: 401 })
        : sites.fetch(input, init),
  })
  sites.taken()
  const callback = { state: 's', params, codeVerifier }
  t.match(await refusing.exchange(oauth2(), callback), { profile: { subject: 'ann' } })
  const [{ form } = { form: {} }] = sites.taken()
  t.match(form, { client_id: 'canary-client', client_secret: 'canary-secret' })

  const answer = {
    ...issuer.metadata,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  }
  const postOnly = await openIssuer(sites, 'https://post.example.com', {
    ...answer,
    issuer: undefined,
  })
  sites.answer(postOnly.place, { body: { ...answer, issuer: postOnly.issuer } })
  answers(tokenEndpoint, { id_token: await issuer.sign({ sub: 'ann', iss: postOnly.issuer }) })
  sites.taken()
  await exchange(oidc({ issuer: postOnly.issuer }))
  const post = sites.taken().find(({ method }) => method === 'POST')
  t.match(post?.form, { client_secret: 'canary-secret' }, 'as the document says')
})

t.test('claims are copied and mapped as the row says', async (t) => {
  const told = {
    id: 4711,
    login: 'ann',
    sub: 'wrong',
    email: 'ann@example.com',
    email_verified: true,
    work_email: 'lee@example.com',
    groups: ['staff'],
    flag: false,
  }
  sites.answer('https://old.example.com/me', { body: told })
  answers('https://old.example.com/token', {})
  const mapping = {
    attribute_mapping: {
      sub: 'id',
      user_name: 'login',
      email: 'work_email',
      locale: 'absent',
      gender: 5,
      custom_claims: { literal: true },
      role: 'groups',
    },
    custom_claims_allowlist: ['groups', 'flag', 'absent'],
  }
  t.same((await exchange(oauth2(mapping))).profile, {
    subject: '4711',
    emails: [{ email: 'lee@example.com', verified: true, primary: true }],
    data: {
      sub: '4711',
      user_name: 'ann',
      email: 'lee@example.com',
      email_verified: true,
      phone_verified: false,
      custom_claims: { literal: true },
    },
  })
  const { custom_claims_allowlist } = mapping
  t.match((await exchange(oauth2({ custom_claims_allowlist }))).profile.data, {
    custom_claims: { groups: ['staff'], flag: false },
  })

  answers(tokenEndpoint, { id_token: await issuer.sign({ ...told, sub: 'ann' }) })
  const { attribute_mapping } = { attribute_mapping: { email: 'work_email', name: 'login' } }
  const { profile } = await exchange(oidc({ attribute_mapping }))
  t.match(profile, {
    emails: [{ email: 'ann@example.com' }],
    data: { name: 'ann', email: 'ann@example.com' },
  })
})

t.test('a client’s scopes replace those of the row, and the row has the last word', async (t) => {
  const scope = async (site: ProviderConfig, scopes: string) =>
    ((await addressOf(site, '', scopes))[1] as { scope: string }).scope
  t.equal(await scope(oidc(), 'email calendar'), 'openid email calendar')
  t.equal(await scope(oidc(), ' calendar\topenid '), 'calendar openid')
  t.equal(await scope(oidc(), '   '), 'openid email profile')
  t.equal(await scope(oauth2(), 'a,b'), 'a,b')
  const forced = oidc({ authorization_params: { prompt: 'consent', audience: 'api' } })
  t.match((await addressOf(forced, 'prompt=none&login_hint=ann'))[1], {
    prompt: 'consent',
    audience: 'api',
    login_hint: 'ann',
  })
})

t.test('a client can bring an id_token of it', async (t) => {
  const id_token = await issuer.sign({ sub: 'ann', aud: 'ios', team: 'red' })
  const ours = oidc({ acceptable_client_ids: ['ios'], custom_claims_allowlist: ['team'] })
  const bring = (site: ProviderConfig | undefined, customEnabled = true) =>
    providers.verifyIdToken(
      { provider: 'custom:own', id_token },
      { configOf: () => site, customEnabled, allowedIssuers: [] },
    )
  t.match(await bring(ours), {
    provider: 'custom:own',
    profile: { subject: 'ann', data: { custom_claims: { team: 'red' } } },
  })
  t.match(await bring({ ...ours, emailOptional: true }), { emailOptional: true })
  const nonce = 'Passed nonce and nonce in id_token should either both exist or not.'
  const withNonce = { provider: 'custom:own', id_token, nonce: 'raw' }
  const settings = (site: ProviderConfig) => ({
    configOf: () => site,
    customEnabled: true,
    allowedIssuers: [],
  })
  t.match(await refusalOf(providers.verifyIdToken(withNonce, settings(ours))), { message: nonce })
  t.match(await providers.verifyIdToken(withNonce, settings({ ...ours, skipNonceCheck: true })), {
    provider: 'custom:own',
  })

  const refusals: [ProviderConfig | undefined, boolean, string, string][] = [
    [ours, false, 'validation_failed', 'Custom OAuth providers are disabled'],
    [undefined, true, 'validation_failed', 'Custom provider "custom:own" not found'],
    [
      { ...ours, enabled: false },
      true,
      'provider_disabled',
      'Custom provider "custom:own" is disabled',
    ],
    [oauth2(), true, 'validation_failed', 'Provider "custom:own" is not an OIDC provider'],
  ]
  for (const [site, enabled, code, message] of refusals) {
    t.same(await refusalOf(bring(site, enabled)), { status: 400, code, message })
  }
  t.match(await refusalOf(bring(oidc())), {
    message: 'Unacceptable audience in id_token: [ios]',
  })
})

t.test('a disabled one sends nobody anywhere', async (t) => {
  const site = { ...oidc(), enabled: false }
  const message = 'Unsupported provider: custom provider custom:own is disabled'
  t.match(await refusalOf(addressOf(site)), { code: 'validation_failed', message })
  t.match(await refusalOf(exchange(site)), { code: 'oauth_provider_not_supported', message })
})

t.test('http is spoken only where the row itself says so', async (t) => {
  const local = 'http://localhost:9000'
  sites.answer(`${local}/.well-known/openid-configuration`, {
    body: {
      issuer: local,
      authorization_endpoint: `${local}/authorize`,
      token_endpoint: `${local}/token`,
      jwks_uri: `${local}/jwks`,
    },
  })
  t.match(await addressOf(oidc({ issuer: local })), [`${local}/authorize`])

  const downgraded = await openIssuer(sites, 'https://down.example.com', {
    token_endpoint: 'http://down.example.com/token',
  })
  answers('http://down.example.com/token', { id_token: await downgraded.sign({ sub: 'ann' }) })
  sites.taken()
  t.match(await refusalOf(exchange(oidc({ issuer: downgraded.issuer }))), {
    message: /^Unable to exchange external code/,
  })
  t.notOk(sites.taken().some(({ url }) => url.startsWith('http:')))
})
