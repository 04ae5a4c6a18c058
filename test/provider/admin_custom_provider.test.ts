// Providers of one's own: an administrator makes them over HTTP or in psql, and people sign in.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { openStack } from '../support/stack.ts'
import { openIssuer, openSites } from './sites.ts'

const stack = await openStack(t, { site_url: 'https://app.example.com' })
const { api, sql } = stack
const admin = openAdmin(stack)

// Hosts of RFC 5737, which belong to nobody, are played by a server on this machine: the gateway
// takes them for what they are, addresses out in the world.
const sites = await openSites(t)
const real = globalThis.fetch
globalThis.fetch = (input, init) =>
  /^https:\/\/(192\.0\.2|198\.51\.100)\./.test(String(input))
    ? sites.fetch(input, init)
    : real(input, init)
t.teardown(() => void (globalThis.fetch = real))
const issuer = await openIssuer(sites, 'https://192.0.2.1')
const other = await openIssuer(sites, 'https://198.51.100.1')

const path = '/admin/custom-providers'
const secret = 'canary-secret'
const oidc = {
  provider_type: 'oidc',
  identifier: 'custom:acme',
  name: 'Acme',
  client_id: 'canary-client',
  client_secret: secret,
  issuer: issuer.issuer,
}
const oauth2 = {
  provider_type: 'oauth2',
  identifier: 'custom:plain',
  name: 'Plain',
  client_id: 'canary-client',
  client_secret: secret,
  authorization_url: 'https://192.0.2.2/authorize',
  token_url: 'https://192.0.2.2/token',
  userinfo_url: 'https://192.0.2.2/me',
}
const defaults = {
  acceptable_client_ids: [],
  scopes: [],
  pkce_enabled: true,
  attribute_mapping: {},
  custom_claims_allowlist: [],
  authorization_params: {},
  enabled: true,
  email_optional: false,
  skip_nonce_check: false,
}
const document = {
  issuer: issuer.issuer,
  authorization_endpoint: 'https://192.0.2.1/authorize',
  token_endpoint: 'https://192.0.2.1/token',
  userinfo_endpoint: 'https://192.0.2.1/userinfo',
  jwks_uri: 'https://192.0.2.1/jwks',
}
const uuid = /^[0-9a-f-]{36}$/
const moment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** The body of an answer without what is never the same twice. */
const body = (answer: { body: unknown }) => {
  const { id, created_at, updated_at, ...rest } = answer.body as Record<string, string>
  t.match([id, created_at, updated_at], [uuid, moment, moment])
  return rest
}
const without = (row: object) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'client_secret'))
const begin = (name: string) =>
  fetch(`${api}/authorize?provider=${name}&login_hint=ann`, { redirect: 'manual' })
const heard = (name: string, status: number) =>
  stack.until(async () => (await begin(name)).status === status)
const stored = () => sql`select * from auth.custom_oauth_providers order by identifier`

/** Comes back from the site that somebody was sent to: what the application is told. */
async function comeBack(name: string) {
  const sent = new URL((await begin(name)).headers.get('location') ?? '')
  const state = sent.searchParams.get('state') ?? ''
  const back = await fetch(`${api}/callback?${new URLSearchParams({ state, code: 'c' })}`, {
    redirect: 'manual',
  })
  const { hash } = new URL(back.headers.get('location') ?? '')
  return { sent, said: Object.fromEntries(new URLSearchParams(hash.slice(1))) }
}

t.test('an issuer is made a provider, and people sign in by it', async (t) => {
  const made = await admin('POST', path, {
    ...oidc,
    scopes: ['email'],
    acceptable_client_ids: ['canary-phone'],
    attribute_mapping: { full_name: 'nickname', department: 'the literal is a source', vip: true },
    custom_claims_allowlist: ['groups'],
    authorization_params: { prompt: 'consent', login_hint: 'ours' },
  })
  t.equal(made.status, 201)
  t.same(body(made), {
    ...defaults,
    ...without(oidc),
    scopes: ['openid', 'email'],
    acceptable_client_ids: ['canary-phone'],
    attribute_mapping: { full_name: 'nickname', department: 'the literal is a source', vip: true },
    custom_claims_allowlist: ['groups'],
    authorization_params: { prompt: 'consent', login_hint: 'ours' },
    discovery_document: document,
  })
  const got = await admin('GET', `${path}/custom:acme`)
  t.same(got, { status: 200, body: made.body })
  t.same(await admin('GET', `${path}/custom%3Aacme`), got)

  await heard('custom:acme', 302)
  sites.answer('https://192.0.2.1/token', {
    body: {
      access_token: 'canary-access-token',
      token_type: 'bearer',
      id_token: await issuer.sign({
        sub: 'ann',
        email: 'Ann@Example.com',
        email_verified: true,
        nickname: 'Annie',
        groups: ['staff'],
        aud: 'canary-phone',
      }),
    },
  })
  sites.taken()
  const { sent, said } = await comeBack('custom:acme')
  t.match(Object.fromEntries(sent.searchParams), {
    client_id: 'canary-client',
    redirect_uri: `${api}/callback`,
    response_type: 'code',
    scope: 'openid email',
    prompt: 'consent',
    login_hint: 'ours',
    code_challenge: /^[\w-]{43}$/,
    code_challenge_method: 'S256',
  })
  t.equal(sent.origin + sent.pathname, 'https://192.0.2.1/authorize')
  t.match(sites.taken().find(({ url }) => url.endsWith('/token'))?.form, {
    code: 'c',
    code_verifier: /^[\w-]{43}$/,
  })
  t.match(said, { access_token: /.+/, provider_token: 'canary-access-token' })
  t.match(
    await sql`
      select i.provider, i.provider_id, i.identity_data as data, u.email
      from auth.identities i join auth.users u on u.id = i.user_id
    `,
    [
      {
        provider: 'custom:acme',
        provider_id: 'ann',
        email: 'ann@example.com',
        data: {
          email: 'ann@example.com',
          email_verified: true,
          full_name: 'Annie',
          custom_claims: { groups: ['staff'] },
        },
      },
    ],
  )
})

t.test('an app brings an id_token that is for it', async (t) => {
  const grant = async (claims: object, more: object = {}) => {
    const response = await fetch(`${api}/token?grant_type=id_token`, {
      method: 'POST',
      body: JSON.stringify({
        provider: 'custom:acme',
        id_token: await issuer.sign({ sub: 'ann', email: 'ann@example.com', ...claims }),
        ...more,
      }),
    })
    const { error_description, user } = (await response.json()) as {
      error_description?: string
      user?: { email: string }
    }
    return [response.status, error_description ?? user?.email]
  }
  t.same(await grant({ aud: 'canary-phone' }), [200, 'ann@example.com'])
  t.same(await grant({ aud: 'canary-client' }), [200, 'ann@example.com'])
  t.same(await grant({ aud: 'somebody' }), [400, 'Unacceptable audience in id_token: [somebody]'])
  const alone = [400, 'Passed nonce and nonce in id_token should either both exist or not.']
  t.same(await grant({ nonce: 'n' }), alone)
  t.equal((await admin('PUT', `${path}/custom:acme`, { skip_nonce_check: true })).status, 200)
  await stack.until(async () => (await grant({ nonce: 'n' }))[0] === 200)
})

t.test('a site of plain OAuth 2 is one, too', async (t) => {
  const made = await admin('POST', path, {
    ...oauth2,
    pkce_enabled: false,
    email_optional: true,
    issuer: 'https://of.no.use.example.com',
  })
  t.equal(made.status, 201)
  t.same(body(made), { ...defaults, ...without(oauth2), pkce_enabled: false, email_optional: true })
  await heard('custom:plain', 302)
  sites.answer(oauth2.token_url, { body: { access_token: 'canary-access-token' } })
  sites.answer(oauth2.userinfo_url, { body: { sub: 'ben' } })
  const { sent, said } = await comeBack('custom:plain')
  t.equal(sent.searchParams.get('code_challenge'), null)
  t.match(said, { access_token: /.+/ }, 'without an address, since that is optional')
})

t.test('the list has the newest first, of one type or all', async (t) => {
  const names = async (query = '') => {
    const { body } = await admin('GET', path + query)
    return (body as { providers: { identifier: string }[] }).providers.map(
      ({ identifier }) => identifier,
    )
  }
  t.same(await names(), ['custom:plain', 'custom:acme'])
  t.same(await names('?type='), ['custom:plain', 'custom:acme'])
  t.same(await names('?type=oidc'), ['custom:acme'])
  t.same(await names('?type=oauth2'), ['custom:plain'])
  t.same(
    await admin('GET', `${path}?type=saml`),
    refusal(400, 'validation_failed', "type must be either 'oauth2' or 'oidc'"),
  )
})

t.test('the official client does all of it', async (t) => {
  const { customProviders } = createAdmin(stack)
  const identifier = 'custom:official'
  const made = await customProviders.createProvider({ ...oauth2, identifier } as never)
  t.match(made, { error: null, data: { identifier, name: 'Plain' } })
  t.same(await customProviders.getProvider(identifier), made)
  t.match(await customProviders.updateProvider(identifier, { name: 'New' }), {
    error: null,
    data: { identifier, name: 'New' },
  })
  t.match(await customProviders.listProviders({ type: 'oauth2' }), {
    data: { providers: [{ identifier }, { identifier: 'custom:plain' }] },
  })
  t.match(await customProviders.deleteProvider(identifier), { error: null })
  t.match(await customProviders.getProvider(identifier), {
    error: { status: 404, code: 'custom_provider_not_found' },
  })
})

t.test('what is wrong is told, one thing after another, and nothing is stored', async (t) => {
  const before = await stored()
  const invalid = (message: string) => refusal(400, 'validation_failed', message)
  // Each is asked with all that the ones above it have mended.
  const steps: [Record<string, unknown>, string][] = [
    [{}, "provider_type must be either 'oauth2' or 'oidc'"],
    [{ provider_type: 'saml' }, "provider_type must be either 'oauth2' or 'oidc'"],
    [{ provider_type: 'oidc' }, 'identifier is required'],
    [{ identifier: 'New' }, "identifier must start with 'custom:' prefix, e.g. 'custom:New'"],
    [{ identifier: 'custom:New' }, 'name is required'],
    [{ name: 'n'.repeat(101) }, 'client_id is required'],
    [{ client_id: 'c'.repeat(513) }, 'client_secret is required'],
    [{ client_secret: secret }, 'issuer is required for OIDC providers'],
    [{ provider_type: 'oauth2' }, 'authorization_url is required for OAuth2 providers'],
    [{ authorization_url: 'http://x' }, 'token_url is required for OAuth2 providers'],
    [{ token_url: 'http://x' }, 'userinfo_url is required for OAuth2 providers'],
    [
      {
        userinfo_url: 'http://x',
        authorization_params: { a: 1, state: 'x' },
        attribute_mapping: { name: 'n', role: 'admin' },
        custom_claims_allowlist: ['a', ' '],
      },
      'Authorization parameter "a" must be a string',
    ],
    ...[
      ...['client_id', 'client_secret', 'redirect_uri', 'response_type', 'state', 'nonce'],
      ...['code_challenge', 'code_challenge_method', 'code_verifier', 'STATE'],
    ].map((name): [Record<string, unknown>, string] => [
      { authorization_params: { zzz: 1, [name]: 'x' } },
      `Cannot override reserved OAuth parameter: ${name}`,
    ]),
    [{ authorization_params: { a: 'x' } }, 'Cannot map to protected system field: role'],
    ...[
      ...['id', 'aud', 'app_metadata', 'created_at', 'updated_at', 'confirmed_at', 'banned_until'],
      ...['email_confirmed_at', 'phone_confirmed_at', 'email_verified', 'phone_verified'],
      'is_super_admin',
    ].map((name): [Record<string, unknown>, string] => [
      { attribute_mapping: { [name]: 'x' } },
      `Cannot map to protected system field: ${name}`,
    ]),
    [{ attribute_mapping: {} }, 'custom_claims_allowlist entries must be non-empty strings'],
    [
      { custom_claims_allowlist: [] },
      "identifier must have 2 to 50 characters of a-z, 0-9, ':' and '-', the last a letter or digit",
    ],
    [{ identifier: 'custom:acme' }, 'name must not be longer than 100 characters'],
    [{ name: 'New' }, 'client_id must not be longer than 512 characters'],
    [{ client_id: 'canary-client' }, 'URL must use HTTPS'],
    [
      { authorization_url: 'https://127.0.0.1' },
      'URL cannot point to localhost or loopback addresses',
    ],
    [{ authorization_url: 'https://10.0.0.1' }, 'URL cannot resolve to private network addresses'],
    [{ authorization_url: 'https://192.0.2.2' }, 'URL must use HTTPS'],
    [{ token_url: 'nonsense' }, 'Invalid URL format'],
    [
      { token_url: 'https://192.0.2.2', userinfo_url: 'https://169.254.169.254' },
      'URL cannot resolve to link-local addresses',
    ],
    [
      { userinfo_url: 'https://192.0.2.2', jwks_uri: 'https://[::1]' },
      'URL cannot point to localhost or loopback addresses',
    ],
  ]
  let asked = {}
  for (const [mended, message] of steps) {
    asked = { ...asked, ...mended }
    t.same(await admin('POST', path, asked), invalid(message), message)
  }
  const exists = refusal(
    400,
    'conflict',
    'A custom OAuth provider with this identifier already exists',
  )
  t.same(await admin('POST', path, { ...asked, jwks_uri: '' }), exists)
  sites.taken()
  t.same(await admin('POST', path, { ...oidc, issuer: 'https://192.0.2.9' }), exists)
  t.same(sites.taken(), [], 'and nobody was asked for a document')

  const named = { ...oidc, identifier: 'custom:new' }
  t.same(
    await admin('POST', path, { ...named, issuer: 'https://192.0.2.9' }),
    invalid(
      'OIDC discovery from "https://192.0.2.9/.well-known/openid-configuration" failed: discovery answered with status 404',
    ),
  )
  sites.answer('https://192.0.2.9/place', { body: { issuer: 'https://192.0.2.9' } })
  t.same(
    await admin('POST', path, {
      ...named,
      issuer: 'https://192.0.2.9',
      discovery_url: 'https://192.0.2.9/place',
    }),
    invalid(
      'OIDC discovery document is missing required fields: authorization_endpoint, token_endpoint, jwks_uri',
    ),
  )
  t.same(
    await admin('POST', path, {
      ...oauth2,
      identifier: 'custom:new',
      token_url: `https://192.0.2.2/${'x'.repeat(2048)}`,
    }),
    invalid('token_url must be an https URL of at most 2048 characters'),
  )
  for (const [wrong, told] of [
    [{ name: 5 }, 'number into Go struct field AdminCustomOAuthProviderParams.name of type string'],
    [
      { scopes: 'email' },
      'string into Go struct field AdminCustomOAuthProviderParams.scopes of type []string',
    ],
    [
      { scopes: ['email', 5] },
      'number into Go struct field AdminCustomOAuthProviderParams.scopes of type string',
    ],
    [
      { enabled: 'yes' },
      'string into Go struct field AdminCustomOAuthProviderParams.enabled of type bool',
    ],
    [
      { attribute_mapping: [] },
      'array into Go struct field AdminCustomOAuthProviderParams.attribute_mapping of type map[string]interface {}',
    ],
  ] as [object, string][]) {
    t.same(
      await admin('POST', path, { ...named, ...wrong }),
      refusal(
        400,
        'bad_json',
        `Could not parse request body as JSON: json: cannot unmarshal ${told}`,
      ),
    )
  }
  t.same(await stored(), before)
})

t.test('only what a change names is changed', async (t) => {
  const { body: was } = await admin('GET', `${path}/custom:acme`)
  const same = await admin('PUT', `${path}/custom:acme`, {
    ...{ provider_type: 'oauth2', identifier: 'custom:else', name: '', client_id: '', issuer: '' },
    ...{ client_secret: '', discovery_url: '', scopes: null, authorization_params: null },
    ...{ discovery_document: { issuer: 'https://evil.example.com' }, only_check: true },
  })
  const at = (provider: unknown) => (provider as { updated_at: string }).updated_at
  t.same(same, { status: 200, body: { ...(was as object), updated_at: at(same.body) } })
  t.ok(at(same.body) > at(was))

  sites.taken()
  const changed = await admin('PUT', `${path}/custom:acme`, {
    ...{ name: 'Acme Inc', client_secret: 'another', scopes: [], pkce_enabled: false },
    ...{ enabled: false, authorization_params: {}, custom_claims_allowlist: ['roles'] },
  })
  t.same(changed, {
    status: 200,
    body: {
      ...(was as object),
      ...{ name: 'Acme Inc', scopes: ['openid'], pkce_enabled: false, enabled: false },
      ...{ authorization_params: {}, custom_claims_allowlist: ['roles'] },
      updated_at: at(changed.body),
    },
  })
  t.same(sites.taken(), [], 'the issuer is the same, so it is not asked')
  t.match(await stored(), [{ client_secret: 'another' }, {}])
  await stack.until(async () => {
    const { msg } = (await (await begin('custom:acme')).json()) as { msg: string }
    return msg === 'Unsupported provider: custom provider custom:acme is disabled'
  })

  const moved = await admin('PUT', `${path}/custom:acme`, { issuer: other.issuer, enabled: true })
  t.match(moved, {
    status: 200,
    body: { issuer: other.issuer, discovery_document: { issuer: other.issuer } },
  })
  await stack.until(async () => {
    const location = (await begin('custom:acme')).headers.get('location') ?? ''
    return location.startsWith('https://198.51.100.1/authorize?')
  })
})

t.test('a change for the worse is refused, and changes nothing', async (t) => {
  const before = await stored()
  const invalid = (message: string) => refusal(400, 'validation_failed', message)
  const cases: [string, object, ReturnType<typeof refusal>][] = [
    ['acme', {}, invalid("identifier must start with 'custom:' prefix, e.g. 'custom:acme'")],
    [
      'custom:none',
      { authorization_params: { state: 'x' } },
      invalid('Cannot override reserved OAuth parameter: state'),
    ],
    [
      'custom:none',
      { attribute_mapping: { role: 'x' } },
      invalid('Cannot map to protected system field: role'),
    ],
    [
      'custom:none',
      { custom_claims_allowlist: [''] },
      invalid('custom_claims_allowlist entries must be non-empty strings'),
    ],
    [
      'custom:none',
      { issuer: 'http://x' },
      refusal(404, 'custom_provider_not_found', 'Custom OAuth provider not found'),
    ],
    ['custom:acme', { issuer: 'http://x' }, invalid('URL must use HTTPS')],
    [
      'custom:acme',
      { discovery_url: 'https://10.0.0.1' },
      invalid('URL cannot resolve to private network addresses'),
    ],
    [
      'custom:acme',
      { issuer: 'https://192.0.2.77' },
      invalid(
        'OIDC discovery from "https://192.0.2.77/.well-known/openid-configuration" failed: discovery answered with status 404',
      ),
    ],
    [
      'custom:acme',
      { name: 'n'.repeat(101) },
      invalid('name must not be longer than 100 characters'),
    ],
    [
      'custom:plain',
      { token_url: 'https://localhost' },
      invalid('URL cannot point to localhost or loopback addresses'),
    ],
  ]
  for (const [name, change, refused] of cases) {
    t.same(await admin('PUT', `${path}/${name}`, { ...change, enabled: false }), refused)
  }
  t.same(await stored(), before)
})

t.test('there are no more than are allowed, even of many that are made at once', async (t) => {
  t.teardown(() => stack.configure({ custom_oauth_max_providers: 0 }))
  await stack.configure({ custom_oauth_max_providers: 4 })
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      admin('POST', path, { ...oauth2, identifier: `custom:many-${n}` }),
    ),
  )
  t.same(answers.map(({ status }) => status).sort(), [201, 201, 400, 400, 400, 400])
  t.same(
    answers.find(({ status }) => status === 400),
    refusal(
      400,
      'over_custom_provider_quota',
      'Maximum number of custom OAuth/OIDC providers reached',
    ),
  )
  await sql`delete from auth.custom_oauth_providers where identifier like 'custom:many-%'`
})

t.test('only administrators may, and where it is off nobody', async (t) => {
  await sql`select auth.admin_create_user(email => 'ben@example.com', password => 'correct horse battery', email_confirm => true)`
  const { access_token: token } = (await (
    await fetch(`${api}/token?grant_type=password`, {
      method: 'POST',
      body: JSON.stringify({ email: 'ben@example.com', password: 'correct horse battery' }),
    })
  ).json()) as { access_token: string }
  const ways: [string, string, object?][] = [
    ['GET', path],
    ['GET', `${path}/custom:acme`],
    ['POST', path, { ...oidc, identifier: 'custom:new' }],
    ['PUT', `${path}/custom:acme`, { name: 'X' }],
    ['DELETE', `${path}/custom:acme`],
  ]
  const before = await stored()
  for (const [method, at, sent] of ways) {
    for (const bearer of [token, stack.anonKey]) {
      const headers = { authorization: `Bearer ${bearer}` }
      t.same(await admin(method, at, sent, headers), refusal(403, 'not_admin', 'User not allowed'))
    }
    t.equal((await admin(method, at, sent, {})).status, 401)
  }
  await stack.configure({ custom_oauth_enabled: false })
  for (const [method, at, sent] of ways) {
    t.same(
      await admin(method, at, sent),
      refusal(404, 'feature_disabled', 'Custom OAuth providers are disabled'),
    )
  }
  await stack.until(async () => {
    const { msg } = (await (await begin('custom:acme')).json()) as { msg?: string }
    return msg === 'Unsupported provider: custom OAuth providers are disabled'
  })
  await stack.configure({ custom_oauth_enabled: true })
  t.same(await stored(), before)
})

t.test('what is deleted is gone, and its users stay', async (t) => {
  const gone = refusal(404, 'custom_provider_not_found', 'Custom OAuth provider not found')
  t.same(await admin('DELETE', `${path}/custom:acme`), { status: 204, body: '' })
  t.same(await admin('DELETE', `${path}/custom:acme`), gone)
  t.same(await admin('GET', `${path}/custom:acme`), gone)
  const prefix = "identifier must start with 'custom:' prefix, e.g. 'custom:acme'"
  for (const method of ['GET', 'DELETE']) {
    t.same(await admin(method, `${path}/acme`), refusal(400, 'validation_failed', prefix))
  }
  await heard('custom:acme', 400)
  t.same(await sql`select provider from auth.identities where provider_id = 'ann'`, [
    { provider: 'custom:acme' },
  ])
})

t.test(
  'in psql a site on this machine will do, and none that is not encrypted elsewhere',
  async (t) => {
    const create = (url: string) => sql`
    select auth.admin_create_custom_provider(
      provider_type => 'oidc', identifier => 'custom:here', name => 'Here', client_id => 'us',
      client_secret => ${secret}, issuer => ${url}) as made
  `
    const message = 'issuer must be an https URL of at most 2048 characters'
    for (const url of ['http://id.example.com', 'http://localhost.example.com', 'https://', 'x']) {
      await t.rejects(create(url), { code: 'PT400', detail: 'validation_failed', message }, url)
    }
    const [{ made } = {}] = await create('http://127.0.0.1:8080/realm')
    t.match(made, { identifier: 'custom:here', issuer: 'http://127.0.0.1:8080/realm' })
    t.notOk('client_secret' in made)
    for (const role of ['anon', 'authenticated', 'service_role']) {
      await t.rejects(
        sql.begin(async (sql) => {
          await sql`select pg_catalog.set_config('role', ${role}, true)`
          await sql`select auth.admin_create_custom_provider()`
        }),
        { code: '42501' },
        `${role}: who has not vetted the addresses`,
      )
    }
  },
)
