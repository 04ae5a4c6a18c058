// Asymmetric keys, as clients, psql and other gateways meet them.

import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { type JwtKey, jwtKeys } from '../../start/jwt_keys.ts'
import { applySettings } from '../../start/settings.ts'
import { createSupabase, follow } from '../support/client.ts'
import { openHooks } from '../support/hooks.ts'
import { keysOf, makeJwk } from '../support/jwk.ts'
import { openStack } from '../support/stack.ts'

const algorithms = ['RS256', 'RS512', 'ES256', 'ES512', 'EdDSA', 'HS256']
const made = Object.fromEntries(algorithms.map((alg) => [alg, makeJwk(alg, `our-${alg}`)]))
const key = (alg: string) => made[alg] as ReturnType<typeof makeJwk>
const everyKey = (first: string) =>
  keysOf(key(first), ...algorithms.filter((alg) => alg !== first).map(key))

const stack = await openStack(
  t,
  { mailer_autoconfirm: true, uri_allow_list: 'https://app.example.com/**' },
  {},
  everyKey('ES256'),
)
const { api, sql, inbox, until } = stack
const log = pino({ level: 'silent' })
const password = 'correct horse battery'
const email = 'ann@example.com'

type Answer = { status: number; body: Record<string, never> & { access_token: string } }
async function post(path: string, body: object): Promise<Answer> {
  const response = await fetch(api + path, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as never }
}
const signIn = async () =>
  (await post('/token?grant_type=password', { email, password })).body.access_token
const whoami = async (token: string) =>
  (await fetch(`${api}/user`, { headers: { authorization: `Bearer ${token}` } })).status
const part = (token: string, place: number) =>
  JSON.parse(Buffer.from(token.split('.')[place] ?? '', 'base64url').toString())
/** What anybody can verify who has only the address of the public keys. */
const believed = async (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${api}/.well-known/jwks.json`)))

t.test('a client signs up and verifies its claims itself, without asking', async (t) => {
  const asked: string[] = []
  const supabase = createSupabase(stack, {}, (input, init) => {
    asked.push(new URL(String(input instanceof Request ? input.url : input)).pathname)
    return fetch(input, init)
  })
  const { data } = await supabase.auth.signUp({ email, password })
  asked.splice(0)
  for (let times = 0; times < 2; times++) {
    const claims = await supabase.auth.getClaims()
    t.match(claims, {
      error: null,
      data: {
        header: { alg: 'ES256', kid: 'our-ES256', typ: 'JWT' },
        claims: { sub: data.user?.id, email, role: 'authenticated', aal: 'aal1' },
      },
    })
  }
  t.same(asked, ['/auth/v1/.well-known/jwks.json'], 'the keys, and those once')

  t.match(await supabase.auth.getUser(), { data: { user: { email } }, error: null })
  t.match(await supabase.auth.refreshSession(), { error: null })
  t.match((await supabase.auth.getClaims()).data?.header, { alg: 'ES256' })
})

t.test('rows are the user’s under row-level security, until the session ends', async (t) => {
  await sql`create table notes (body text, user_id uuid not null default auth.uid())`
  await sql`select auth.protect('notes', owner => 'user_id')`
  const supabase = createSupabase(stack)
  await supabase.auth.signInWithPassword({ email, password })
  t.match(await supabase.from('notes').insert({ body: 'hers' }), { status: 201 })
  t.match(await supabase.from('notes').select('body'), { data: [{ body: 'hers' }] })
  const { data } = await supabase.auth.getSession()
  const token = data.session?.access_token ?? ''

  await supabase.auth.signOut({ scope: 'local' })
  await t.resolves(believed(token), 'well signed and in time')
  t.equal(await whoami(token), 403, 'and dead with its session')
})

t.test('API keys are as they were: signed by the secret, and good', async (t) => {
  t.match(part(stack.serviceKey, 0), { alg: 'HS256' })
  const headers = { authorization: `Bearer ${stack.serviceKey}` }
  t.match(await fetch(`${api}/admin/users?per_page=1`, { headers }), { status: 200 })
})

t.test('every way to a token ends in a signed one', async (t) => {
  await stack.configure({ external_anonymous_users_enabled: true, smtp_max_frequency: '0s' })
  const mailed = async () => {
    t.equal((await post('/otp', { email })).status, 200)
    return new URL((await inbox.next(email)).links[0] as string)
  }
  const signedIn = await post('/token?grant_type=password', { email, password })
  const { refresh_token } = signedIn.body
  const ways: Record<string, string> = {
    password: signedIn.body.access_token,
    refresh: (await post('/token?grant_type=refresh_token', { refresh_token })).body.access_token,
    signup: (await post('/signup', { email: 'bob@example.com', password })).body.access_token,
    anonymous: (await post('/signup', {})).body.access_token,
    link: (await follow((await mailed()).href)).access_token ?? '',
    'link of an API': (
      await post('/verify', {
        type: 'email',
        token_hash: (await mailed()).searchParams.get('token'),
      })
    ).body.access_token,
  }
  const pkce = createSupabase(stack, { flowType: 'pkce' })
  await pkce.auth.signInWithOtp({ email })
  const { code } = await follow((await inbox.next(email)).links[0] as string)
  const exchanged = await pkce.auth.exchangeCodeForSession(code ?? '')
  ways.pkce = exchanged.data.session?.access_token ?? ''

  for (const [way, token] of Object.entries(ways)) {
    const verified = await believed(token).catch((error: unknown) => ({ payload: error }))
    t.match(verified.payload, { aud: 'authenticated', session_id: String, exp: Number }, way)
    t.equal(await whoami(token), 200, way)
  }
})

t.test('the hook’s claims are what is signed', async (t) => {
  const hooks = await openHooks({ ...stack.db })
  await hooks.on(
    'custom_access_token',
    `return jsonb_build_object('claims', event -> 'claims' || '{"level": "7 ü 🙂"}');`,
  )
  t.match((await believed(await signIn())).payload, { level: '7 ü 🙂', role: 'authenticated' })
  await stack.configure({ hook_custom_access_token_enabled: false })
})

t.test(
  'psql gets all but the token, and the gateway gives one for the refresh token',
  async (t) => {
    const [row] = await sql`select auth.signin(${email}, ${password}) as session`
    t.match(row?.session, { access_token: null, token_type: 'bearer', user: { email } })
    const { refresh_token } = row?.session as { refresh_token: string }
    const { status, body } = await post('/token?grant_type=refresh_token', { refresh_token })
    t.equal(status, 200)
    t.match((await believed(body.access_token)).payload, { email })
  },
)

t.test('nothing that a client sends is signed', async (t) => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const handed = `${encode({ alg: 'ES256', typ: 'JWT', kid: 'our-ES256' })}.${encode({ role: 'service_role' })}`
  const signer = { mark: 'mine', kids: ['our-ES256'] }
  const user = { email: 'eve@example.com', password, signer, data: { x: `mine.${handed}` } }
  for (const mark of ['mine', '', 'null', 'undefined', '[\\w-]*']) {
    const response = await fetch(`${api}/signup?signer=${mark}`, {
      method: 'POST',
      headers: { 'request.signer': JSON.stringify(signer), signer: JSON.stringify(signer) },
      body: JSON.stringify({ ...user, data: { x: `${mark}.${handed}` } }),
    })
    const text = await response.text()
    if (response.status === 200) t.ok(text.includes(`${mark}.${handed}"`), 'as it was sent')
    t.notMatch(text, new RegExp(`${handed.replaceAll('.', '\\.')}\\.`))
  }
  const target = `https://app.example.com/#access_token=mine.${handed}`
  await post(`/otp?redirect_to=${encodeURIComponent(target)}`, { email })
  const fragment = await follow((await inbox.next(email)).links[0] as string)
  t.match((await believed(fragment.access_token ?? '')).payload, { email, role: 'authenticated' })
})

t.test('S-23: no key is taken for another kind of key', async (t) => {
  const good = await signIn()
  const claims = part(good, 1)
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const publicJwk = (alg: string) => jwtKeys(everyKey(alg))?.[0]?.jwk ?? {}
  const hmac = (header: object, secret: string | Buffer) => {
    const input = `${encode(header)}.${encode(claims)}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const signed = (header: { alg: string; kid?: string }, by: string, digest: string | null) => {
    const input = `${encode(header)}.${encode(claims)}`
    const dsaEncoding = 'ieee-p1363' as const
    const key = createPrivateKey({ key: made[by] as never, format: 'jwk' })
    const signature = sign(digest, Buffer.from(input), { key, dsaEncoding })
    return `${input}.${signature.toString('base64url')}`
  }
  const secrets = ['ES256', 'RS256', 'EdDSA'].flatMap((alg) => {
    const jwk = publicJwk(alg) as Record<string, string>
    const publicKey = createPublicKey({ key: jwk as never, format: 'jwk' })
    return [
      JSON.stringify(jwk),
      publicKey.export({ type: 'spki', format: 'pem' }) as string,
      publicKey.export({ type: 'spki', format: 'der' }),
      Buffer.from(jwk.n ?? jwk.x ?? '', 'base64url'),
      '',
    ].flatMap((secret) => [
      hmac({ alg: 'HS256', kid: `our-${alg}` }, secret),
      hmac({ alg: 'HS256' }, secret),
    ])
  })
  const refusedTokens = [
    ...secrets,
    `${encode({ alg: 'none', kid: 'our-ES256' })}.${encode(claims)}.`,
    signed({ alg: 'RS256', kid: 'our-RS512' }, 'RS512', 'sha256'),
    signed({ alg: 'RS512', kid: 'our-RS256' }, 'RS256', 'sha512'),
    signed({ alg: 'ES256', kid: 'our-RS256' }, 'ES256', 'sha256'),
    signed({ alg: 'ES256' }, 'ES256', 'sha256'),
    signed({ alg: 'ES256', kid: 'unheard of' }, 'ES256', 'sha256'),
    signed({ alg: 'EdDSA', kid: 'our-ES256' }, 'EdDSA', null),
    hmac({ alg: 'HS256', kid: 'our-HS256' }, stack.anonKey),
  ]
  for (const token of refusedTokens) t.equal(await whoami(token), 403, token.slice(0, 60))
  t.equal(await whoami(signed({ alg: 'ES256', kid: 'our-ES256' }, 'ES256', 'sha256')), 200)
  t.equal(await whoami(signed({ alg: 'EdDSA', kid: 'our-EdDSA' }, 'EdDSA', null)), 200)
})

t.test('the public keys are for everybody to read, with nothing private in them', async (t) => {
  for (const prefix of ['', '/auth/v1']) {
    const response = await fetch(`${api}${prefix}/.well-known/jwks.json`)
    t.match(Object.fromEntries(response.headers), {
      'cache-control': 'public, max-age=600',
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
    })
    const { keys } = (await response.json()) as { keys: Record<string, string>[] }
    t.same(
      keys.map(({ kid, alg, use, key_ops }) => [kid, alg, use, key_ops]).sort(),
      algorithms
        .filter((alg) => alg !== 'HS256')
        .map((alg) => [`our-${alg}`, alg, 'sig', ['verify']])
        .sort(),
    )
    t.equal(keys[0]?.kid, 'our-ES256', 'the one in use first')
    t.same(
      keys.filter((key) => 'd' in key || 'p' in key || 'k' in key),
      [],
    )
  }
})

t.test('each kind of key signs, and what the others signed stays good', async (t) => {
  const tokens: string[] = []
  for (const alg of algorithms) {
    await applySettings(sql, everyKey(alg), log)
    const token = await signIn()
    t.same(part(token, 0), { alg, typ: 'JWT', kid: `our-${alg}` })
    if (alg !== 'HS256') await t.resolves(believed(token), alg)
    tokens.push(token)
  }
  for (const token of tokens) t.equal(await whoami(token), 200)
  const states = await sql`
    select kid, status from auth_private.signing_keys where jwk is not null order by kid
  `
  t.same(
    Object.fromEntries(states.map(({ kid, status }) => [kid, status])),
    Object.fromEntries(
      algorithms.map((alg) => [`our-${alg}`, alg === 'HS256' ? 'in_use' : 'previous']),
    ),
  )
  await applySettings(sql, everyKey('ES256'), log)
})

t.test('a key that is revoked is dead, and can not come back by the environment', async (t) => {
  await applySettings(sql, everyKey('ES512'), log)
  const token = await signIn()
  await applySettings(sql, everyKey('ES256'), log)
  t.equal(await whoami(token), 200)
  await sql`update auth_private.signing_keys set status = 'revoked' where kid = 'our-ES512'`
  await until(async () => (await whoami(token)) === 403)
  await t.rejects(believed(token), { code: 'ERR_JWKS_NO_MATCHING_KEY' })

  await t.rejects(applySettings(sql, everyKey('ES512'), log), {
    message: 'GOTRUE_JWT_KEYS: the key "our-ES512" is revoked, so it can not sign',
  })
  await applySettings(sql, everyKey('ES256'), log)
  const [still] = await sql`select status from auth_private.signing_keys where kid = 'our-ES512'`
  t.same(still, { status: 'revoked' })
})

t.test('jwt_valid_methods says what is believed; never without the key in use', async (t) => {
  t.equal(await whoami(await signIn()), 200)
  await stack.configure({ jwt_valid_methods: ['ES256'] })
  const headers = { authorization: `Bearer ${stack.serviceKey}` }
  const refused = async () => (await fetch(`${api}/admin/users`, { headers })).status === 403
  await until(refused)
  t.equal(await whoami(await signIn()), 200)
  await t.rejects(stack.configure({ jwt_valid_methods: ['RS256', 'EdDSA'] }), {
    message:
      'Settings not changed: jwt_valid_methods may not be "RS256,EdDSA". The key in use signs by ES256.',
  })
  await t.rejects(stack.configure({ jwt_valid_methods: ['none'] }), {
    message: /jwt_valid_methods may not be .*none.*Algorithms of the tokens/,
  })
  await stack.configure({ jwt_valid_methods: [] })
  await until(async () => !(await refused()))
})

t.test('a gateway without the key in use does not start', async (t) => {
  const other = makeJwk('ES256', 'our-ES256')
  const options = { databaseUrl: stack.db.gatewayUrl, port: 0, log }
  const publicOnly = (jwtKeys(everyKey('ES256')) ?? []).map((each) => ({
    ...each,
    privateKey: undefined,
  }))
  const lacking: Record<string, JwtKey[] | undefined> = {
    none: undefined,
    others: jwtKeys(keysOf(key('RS256'))),
    'another one under its name': jwtKeys(keysOf(other)),
    'public parts': publicOnly,
  }
  for (const [title, keys] of Object.entries(lacking)) {
    await t.rejects(
      startGateway({ ...options, jwtKeys: keys }),
      {
        message:
          'tokens are signed by the key "our-ES256", and GOTRUE_JWT_KEYS of this gateway does ' +
          'not have its private part',
      },
      title,
    )
  }
})

t.test('a running gateway that lacks a new key says so, and leaves nothing behind', async (t) => {
  const stranger = makeJwk('ES256', 'unheard of')
  await applySettings(sql, keysOf(stranger, ...algorithms.map(key)), log)
  const sessions = () => sql`select count(*) from auth.sessions`
  const before = await sessions()
  t.match(await post('/token?grant_type=password', { email, password }), {
    status: 500,
    body: {
      error_code: 'unexpected_failure',
      msg: 'Tokens can not be signed: this gateway does not have the key "unheard of"',
    },
  })
  t.same(await sessions(), before)

  await sql`update auth_private.signing_keys set status = 'revoked' where status = 'in_use'`
  t.match(await post('/token?grant_type=password', { email, password }), {
    status: 500,
    body: { msg: 'Tokens can not be signed: no key is in use' },
  })
  await applySettings(sql, everyKey('ES256'), log)
  t.equal(await whoami(await signIn()), 200)
})

t.test(
  'a key that the list leaves out is forgotten; without a list the secret signs',
  async (t) => {
    const token = await signIn()
    await applySettings(sql, { GOTRUE_JWT_KEYS: '[]' }, log)
    await until(async () => (await whoami(token)) === 403)
    t.match(part(await signIn(), 0), { alg: 'HS256' })

    await applySettings(sql, everyKey('ES256'), log)
    await until(async () => (await whoami(token)) === 200)
    const secret = 'the secret of a GoTrue from before'
    await applySettings(sql, { GOTRUE_JWT_SECRET: secret, GOTRUE_JWT_KEY_ID: 'main' }, log)
    const bySecret = await signIn()
    t.same(part(bySecret, 0), { alg: 'HS256', typ: 'JWT', kid: 'main' })
    await until(async () => (await whoami(bySecret)) === 200)
    t.equal(await whoami(token), 200, 'tokens of the keys before stay good')
  },
)

t.test('an API key is signed by the secret, or not at all', async (t) => {
  await sql`update auth_private.signing_keys set status = 'revoked' where secret is not null`
  await t.rejects(sql`select auth.api_key('anon')`, {
    code: 'PT400',
    message: /^API keys are signed with the JWT secret, and it is revoked/,
  })
  await t.rejects(
    applySettings(sql, { GOTRUE_JWT_SECRET: 'the secret of a GoTrue from before' }, log),
    { message: 'GOTRUE_JWT_SECRET is a secret that has been revoked: choose another' },
  )
})
