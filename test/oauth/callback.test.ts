// Signing in with another site, through HTTP and a real OpenID provider on this machine.

import t from 'tap'
import { createSupabase } from '../support/client.ts'
import { openOpenId } from '../support/openid.ts'
import { keysOf, makeJwk } from '../support/jwk.ts'
import { openStack } from '../support/stack.ts'

// The gateway signs what SQL hands over, in a fragment as in a body.
const stack = await openStack(
  t,
  {
    uri_allow_list: 'https://app.example.com/**',
    security_manual_linking_enabled: true,
  },
  {},
  keysOf(makeJwk('ES256', 'ours')),
)
const { api, sql } = stack
const redirectTo = 'https://app.example.com/welcome'

const openId = await openOpenId(t, stack)
const { people, walk } = openId

const begin = (more: Record<string, string> = {}) =>
  `${api}/authorize?${new URLSearchParams({ provider: 'custom:local', redirect_to: redirectTo, ...more })}`
const counted = async () =>
  (
    await sql`
  select (select count(*)::int from auth.users) as users,
    (select count(*)::int from auth.identities) as identities,
    (select count(*)::int from auth.sessions) as sessions
`
  )[0]

t.test('signs in, and the session is in the fragment with the site’s token', async (t) => {
  const { hash } = await walk(begin(), 'ann')
  const said = Object.fromEntries(new URLSearchParams(hash.slice(1)))
  t.match(said, { token_type: 'bearer', provider_token: /.+/, sb: '', access_token: /.+/ })
  const claims = await createSupabase(stack).auth.getClaims(said.access_token)
  t.match(claims.data?.header, { alg: 'ES256', kid: 'ours' })
  const { data } = await createSupabase(stack).auth.getUser(said.access_token)
  t.match(data.user, {
    email: 'ann@example.com',
    app_metadata: { provider: 'custom:local', providers: ['custom:local'] },
    identities: [{ id: 'ann', provider: 'custom:local' }],
  })
})

t.test('supabase-js does so by PKCE, and reads session.provider_token', async (t) => {
  const supabase = createSupabase(stack, { flowType: 'pkce' })
  const { data } = await supabase.auth.signInWithOAuth({
    provider: 'custom:local' as never,
    options: { redirectTo, skipBrowserRedirect: true },
  })
  const back = await walk(data.url as string, 'ann')
  const code = back.searchParams.get('code') as string
  const { data: signedIn, error } = await supabase.auth.exchangeCodeForSession(code)
  t.equal(error, null)
  t.match(signedIn.session, { provider_token: /.+/, user: { email: 'ann@example.com' } })
  t.match((await supabase.auth.exchangeCodeForSession(code)).error, Object)
})

t.test('a squatter who never proved the address is thrown out by its owner', async (t) => {
  const squatter = createSupabase(stack)
  await squatter.auth.signUp({ email: 'bob@example.com', password: 'the squatter knows' })
  const { hash } = await walk(begin(), 'bob')
  t.match(hash, /access_token/)
  t.match(
    await sql`
      select coalesce(u.encrypted_password, '') as password, array(
        select i.provider from auth.identities i where i.user_id = u.id) as identities
      from auth.users u where u.email = 'bob@example.com'
    `,
    [{ password: '', identities: ['custom:local'] }],
  )
})

t.test('an address that the site has not verified links to nobody', async (t) => {
  await sql`select auth.admin_create_user(email => 'eve@example.com', email_confirm => true)`
  people.eve = { email_verified: false }
  const { searchParams } = await walk(begin(), 'eve')
  t.match(Object.fromEntries(searchParams), {
    error: 'access_denied',
    error_code: 'provider_email_needs_verification',
  })
  t.same(
    await sql`
      select i.provider from auth.identities i join auth.users u on u.id = i.user_id
      where u.email = 'eve@example.com' and i.provider = 'custom:local'
    `,
    [],
  )
})

t.test(
  'an invitation is accepted by the account of the invited address, and no other',
  async (t) => {
    const email = 'gus@example.com'
    await fetch(`${api}/invite`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.serviceKey}` },
      body: JSON.stringify({ email }),
    })
    const link = (await stack.inbox.next(email)).links.find((link) => link.includes('/verify?'))
    const invite_token = new URL(link ?? '').searchParams.get('token') ?? ''
    const before = await counted()

    const other = await walk(begin({ invite_token }), 'somebody.else')
    t.match(Object.fromEntries(other.searchParams), {
      error: 'invalid_request',
      error_code: 'validation_failed',
      error_description: 'Invited email does not match emails from external provider',
    })
    t.same(await counted(), before)

    const { hash } = await walk(begin({ invite_token }), 'gus')
    const { access_token } = Object.fromEntries(new URLSearchParams(hash.slice(1)))
    t.match((await createSupabase(stack).auth.getUser(access_token)).data.user, {
      email,
      email_confirmed_at: String,
      identities: [{ id: 'gus', provider: 'custom:local' }],
    })
    const again = await fetch(begin({ invite_token }), { redirect: 'manual' })
    t.match([again.status, await again.json()], [404, { error_code: 'user_not_found' }])
  },
)

t.test('a state is good once; what is none makes nobody', async (t) => {
  const before = await counted()
  const callback = async (query: string) => {
    const { status, headers } = await fetch(`${api}/callback?${query}`, { redirect: 'manual' })
    const { searchParams } = new URL(headers.get('location') ?? '')
    return [status, searchParams.get('error_code')]
  }
  t.same(await callback(''), [303, 'bad_oauth_callback'])
  t.same(await callback('state=x&code=y'), [303, 'bad_oauth_state'])
  t.same(await callback('state=00000000-0000-4000-8000-000000000000'), [303, 'bad_oauth_state'])

  const opened = await fetch(begin(), { redirect: 'manual' })
  const state = new URL(opened.headers.get('location') ?? '').searchParams.get('state')
  t.same(await callback(`state=${state}&code=forged`), [302, 'unexpected_failure'])
  t.same(await callback(`state=${state}&code=forged`), [303, 'bad_oauth_state'])
  t.same(await counted(), before)
})

t.test('an unknown or disabled provider, and a foreign redirect', async (t) => {
  for (const [name, reason] of [
    ['nobody', 'Provider nobody could not be found'],
    ['google', 'provider is not enabled'],
    ['custom:none', 'custom provider custom:none not found'],
  ]) {
    const response = await fetch(`${api}/authorize?provider=${name}`, { redirect: 'manual' })
    t.match(
      [response.status, await response.json()],
      [400, { msg: `Unsupported provider: ${reason}` }],
    )
  }
  const foreign = await walk(begin({ redirect_to: 'https://evil.example.net' }), 'ann')
  t.equal(foreign.origin, 'http://localhost:3000')
})
