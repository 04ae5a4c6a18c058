// What people do with accounts at other sites, by supabase-js: link them, look at them, unlink them,
// bring id_tokens, ask for more rights. The other site is a real OpenID provider.

import { createHash } from 'node:crypto'
import t from 'tap'
import { createSupabase } from '../support/client.ts'
import { openOpenId } from '../support/openid.ts'
import { openStack } from '../support/stack.ts'

const redirectTo = 'https://app.example.com/welcome'
const password = 'correct horse battery'
const stack = await openStack(t, {
  uri_allow_list: 'https://app.example.com/**',
  security_manual_linking_enabled: true,
  external_anonymous_users_enabled: true,
})
const { sql } = stack
const openId = await openOpenId(t, stack)
await sql`
  select auth.configure_provider('keycloak', ${sql.json({
    enabled: true,
    client_id: 'us',
    secret: 'their secret',
    url: openId.issuer,
  })})
`
await stack.until(async () => {
  const begin = `${stack.api}/authorize?provider=keycloak`
  return (await fetch(begin, { redirect: 'manual' })).status === 302
})

type Supabase = ReturnType<typeof createSupabase>

/** Somebody with a password and a session. */
async function join(name: string): Promise<Supabase> {
  const email = `${name}@example.com`
  await sql`
    select auth.admin_create_user(email => ${email}, password => ${password}, email_confirm => true)
  `
  const supabase = createSupabase(stack)
  const { error } = await supabase.auth.signInWithPassword({ email, password })
  if (error) throw error
  return supabase
}

/** Asks to link an account, and signs in with it at the other site: what that leads to. */
async function link(supabase: Supabase, login: string, provider = 'custom:local') {
  const { data, error } = await supabase.auth.linkIdentity({
    provider: provider as never,
    options: { redirectTo, scopes: 'openid email' },
  })
  if (error) throw error
  return openId.walk(data.url as string, login)
}
const fragmentOf = ({ hash }: URL) => Object.fromEntries(new URLSearchParams(hash.slice(1)))
const queryOf = ({ searchParams }: URL) => Object.fromEntries(searchParams)
const identitiesOf = async (supabase: Supabase) =>
  (await supabase.auth.getUserIdentities()).data?.identities ?? []
const hashed = (nonce: string) => createHash('sha256').update(nonce).digest('hex')
const taken = (message: string) => ({
  error: 'server_error',
  error_code: 'identity_already_exists',
  error_description: message,
})
const counted = async () =>
  (
    await sql`
      select (select count(*)::int from auth.users) as users,
        (select count(*)::int from auth.identities) as identities,
        (select count(*)::int from auth.sessions) as sessions
    `
  )[0]

const ann = await join('ann')
const bob = await join('bob')

t.test('links an account of another address, lists it, signs in with it, unlinks it', async (t) => {
  const back = await link(ann, 'ann.at.work')
  const { access_token = '', refresh_token = '', ...said } = fragmentOf(back)
  t.match(said, { token_type: 'bearer', provider_token: /.+/ })
  t.equal((await ann.auth.setSession({ access_token, refresh_token })).error, null)

  const { data } = await ann.auth.getUser()
  t.match(data.user, {
    email: 'ann@example.com',
    app_metadata: { provider: 'email', providers: ['email', 'custom:local'] },
  })
  t.notOk(data.user?.user_metadata.name, 'what the site says stays with the identity')
  const [, linked] = await identitiesOf(ann)
  t.match(linked, {
    id: 'ann.at.work',
    provider: 'custom:local',
    identity_data: { email: 'ann.at.work@example.com', email_verified: true },
  })

  const other = createSupabase(stack)
  const { data: begun } = await other.auth.signInWithOAuth({
    provider: 'custom:local' as never,
    options: { redirectTo, skipBrowserRedirect: true },
  })
  const signedIn = fragmentOf(await openId.walk(begun.url as string, 'ann.at.work'))
  t.equal((await other.auth.getUser(signedIn.access_token)).data.user?.id, data.user?.id)

  t.same((await ann.auth.unlinkIdentity(linked as never)).error, null)
  t.match(await identitiesOf(ann), [{ provider: 'email' }])
  t.match((await ann.auth.getUser()).data.user?.app_metadata, { providers: ['email'] })
})

t.test('by PKCE, too', async (t) => {
  const email = 'ann@example.com'
  const supabase = createSupabase(stack, { flowType: 'pkce' })
  await supabase.auth.signInWithPassword({ email, password })
  const back = await link(supabase, 'ann.by.pkce')
  const code = back.searchParams.get('code') ?? ''
  const { data, error } = await supabase.auth.exchangeCodeForSession(code)
  t.equal(error, null)
  t.match(data.session, { provider_token: /.+/, user: { email } })
  const [, linked] = await identitiesOf(supabase)
  t.match(linked, { id: 'ann.by.pkce' })
})

t.test('an account is one user’s, and that user’s once', async (t) => {
  await link(bob, 'bob.at.work')
  const before = await counted()
  t.match(queryOf(await link(bob, 'bob.at.work')), taken('Identity is already linked'))
  t.match(
    queryOf(await link(ann, 'bob.at.work')),
    taken('Identity is already linked to another user'),
  )
  const nonce = 'fresh'
  const { id_token: token } = await openId.phone('bob.at.work', hashed(nonce))
  const { error } = await ann.auth.linkIdentity({ provider: 'custom:local', token, nonce } as never)
  t.match(error, { code: 'identity_already_exists', status: 422 })
  t.same(await counted(), before)
})

t.test('of an identity only its owner is rid, and never of the last one', async (t) => {
  const [, ofBob] = await identitiesOf(bob)
  const before = await counted()
  t.match((await ann.auth.unlinkIdentity(ofBob as never)).error, {
    status: 422,
    code: 'identity_not_found',
    message: "Identity doesn't exist",
  })
  const cid = await join('cid')
  const [only] = await identitiesOf(cid)
  t.match((await cid.auth.unlinkIdentity(only as never)).error, {
    status: 422,
    code: 'single_identity_not_deletable',
    message: 'User must have at least 1 identity after unlinking',
  })
  t.match((await cid.auth.unlinkIdentity({ identity_id: 'x' } as never)).error, {
    status: 404,
    code: 'validation_failed',
    message: 'identity_id must be an UUID',
  })
  t.match((await createSupabase(stack).auth.unlinkIdentity(ofBob as never)).error, {
    status: 403,
    code: 'bad_jwt',
  })
  t.match(await counted(), { users: (before?.users ?? 0) + 1, sessions: before?.sessions + 1 })
  t.match(await identitiesOf(bob), [{ provider: 'email' }, { id: 'bob.at.work' }])
})

t.test('linking makes an anonymous user permanent, with the address of the account', async (t) => {
  const someone = createSupabase(stack)
  const { data } = await someone.auth.signInAnonymously()
  const { access_token } = fragmentOf(await link(someone, 'dan'))
  t.match((await someone.auth.getUser(access_token)).data.user, {
    id: data.user?.id as string,
    email: 'dan@example.com',
    is_anonymous: false,
    identities: [{ id: 'dan' }],
  })
})

t.test('an id_token signs in, bound by its nonce and to its access token', async (t) => {
  const supabase = createSupabase(stack)
  const nonce = 'the app made this up'
  const { id_token: token, access_token } = await openId.phone('eve', hashed(nonce))
  const provider = 'custom:local'
  const before = await counted()
  for (const [more, message] of [
    [{}, 'Passed nonce and nonce in id_token should either both exist or not.'],
    [{ nonce: hashed(nonce) }, 'Nonces mismatch'],
    [{ nonce: 'another' }, 'Nonces mismatch'],
    [{ nonce, access_token: 'of somebody else' }, 'Bad ID token'],
  ] as const) {
    const { error } = await supabase.auth.signInWithIdToken({ provider, token, ...more })
    t.match(error, { status: 400, message })
  }
  t.same(await counted(), before, 'none of this made anybody')

  const { data, error } = await supabase.auth.signInWithIdToken({
    provider,
    token,
    nonce,
    access_token,
  })
  t.equal(error, null)
  t.match(data.session, {
    user: { email: 'eve@example.com', identities: [{ id: 'eve', provider }] },
  })
  t.notOk(data.session?.provider_token, 'the app has that already')
})

t.test('an id_token links, where its bearer says who wants that', async (t) => {
  const nonce = 'n'
  const { id_token: token } = await openId.phone('ann.by.token', hashed(nonce))
  const { error } = await ann.auth.linkIdentity({ provider: 'custom:local', token, nonce } as never)
  t.equal(error, null)
  t.match((await identitiesOf(ann)).at(-1), { id: 'ann.by.token' })

  const before = await counted()
  const response = await fetch(`${stack.api}/token?grant_type=id_token`, {
    method: 'POST',
    body: JSON.stringify({ provider: 'custom:local', id_token: token, link_identity: true }),
  })
  t.match(
    [response.status, await response.json()],
    [400, { error_description: 'Linking requires a valid user access token in Authorization' }],
  )
  t.same(await counted(), before)
})

t.test('scopes arrive at the site, and its tokens at the client', async (t) => {
  for (const [provider, asked] of [
    ['custom:local', 'openid email calendar offline_access'],
    ['keycloak', 'profile email openid email calendar offline_access'],
  ] as const) {
    openId.asked()
    const supabase = createSupabase(stack, { flowType: 'pkce' })
    const { data: begun } = await supabase.auth.signInWithOAuth({
      provider: provider as never,
      options: {
        redirectTo,
        skipBrowserRedirect: true,
        scopes: 'openid email calendar offline_access',
        queryParams: { prompt: 'consent', login_hint: 'fay' },
      },
    })
    const back = await openId.walk(begun.url as string, 'fay')
    const { searchParams } = openId.asked().find(({ pathname }) => pathname.endsWith('/auth'))!
    t.match(Object.fromEntries(searchParams), {
      scope: asked,
      prompt: 'consent',
      login_hint: 'fay',
      client_id: 'us',
      redirect_uri: `${stack.api}/callback`,
      response_type: 'code',
    })
    t.notOk(searchParams.has('scopes') || searchParams.has('redirect_to'))
    const code = back.searchParams.get('code') ?? ''
    const { data } = await supabase.auth.exchangeCodeForSession(code)
    t.match(data.session, { provider_token: /.+/, provider_refresh_token: /.+/ }, provider)
    t.notMatch(
      (await supabase.auth.refreshSession()).data.session,
      { provider_token: String },
      'the site’s tokens are told once',
    )
  }
  t.match(
    await sql`
    select i.provider, u.email from auth.identities i join auth.users u on u.id = i.user_id
    where i.provider_id = 'fay' order by i.created_at
  `,
    [
      { provider: 'custom:local', email: 'fay@example.com' },
      { provider: 'keycloak', email: 'fay@example.com' },
    ],
  )
  t.same(await sql`select from auth.flow_state where user_id is not null`, [])
})

t.test('keys that the site changes are looked for, and not for ever', async (t) => {
  let later = 0
  const now = Date.now
  Date.now = () => now() + later
  t.teardown(() => (Date.now = now))
  const tokenOf = async (login: string) => (await openId.phone(login, hashed('n'))).id_token
  const bring = async (token: string) => {
    const { data, error } = await createSupabase(stack).auth.signInWithIdToken({
      provider: 'custom:local',
      token,
      nonce: 'n',
    })
    return data.user?.email ?? error?.message
  }
  const asked = () => openId.asked().filter(({ pathname }) => pathname === '/jwks').length

  const old = await tokenOf('gil')
  t.equal(await bring(old), 'gil@example.com')
  await openId.rotate(true)
  const fresh = await tokenOf('hal')
  asked()
  later += 31_000
  t.equal(await bring(fresh), 'hal@example.com', 'a token by the new key')
  t.equal(asked(), 1, 'which was asked for')
  t.equal(await bring(old), 'gil@example.com', 'and one by the old key, still published')

  const before = await counted()
  await openId.rotate()
  const newest = await tokenOf('ivy')
  asked()
  for (let i = 0; i < 5; i++) t.equal(await bring(newest), 'Bad ID token')
  t.equal(asked(), 0, 'unknown keys are not asked for again and again')
  t.same(await counted(), before)
  later += 31_000
  t.equal(await bring(newest), 'ivy@example.com', 'but after a while')
  t.equal(asked(), 1)
  t.equal(await bring(old), 'Bad ID token', 'a key that is withdrawn is good no more')
  t.equal(asked(), 0)
})

t.test('where manual linking is off nobody links or unlinks', async (t) => {
  await stack.configure({ security_manual_linking_enabled: false })
  const refused = {
    status: 404,
    code: 'manual_linking_disabled',
    message: 'Manual linking is disabled',
  }
  const before = await counted()
  t.match((await ann.auth.linkIdentity({ provider: 'keycloak' })).error, refused)
  const [, linked] = await identitiesOf(bob)
  t.match((await bob.auth.unlinkIdentity(linked as never)).error, refused)
  t.same(await counted(), before)
})
