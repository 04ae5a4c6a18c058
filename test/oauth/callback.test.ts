// Signing in with another site, through HTTP and a real OpenID provider on this machine.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import t from 'tap'
import { createSupabase } from '../support/client.ts'
import { until } from '../support/until.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, {
  uri_allow_list: 'https://app.example.com/**',
  security_manual_linking_enabled: true,
})
const { api, sql } = stack
const redirectTo = 'https://app.example.com/welcome'

const server = createServer()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
t.teardown(() => server.close())
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const verified: Record<string, boolean> = {}
const provider = new Provider(issuer, {
  clients: [{ client_id: 'us', client_secret: 'their secret', redirect_uris: [`${api}/callback`] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.com`,
      email_verified: verified[id] ?? true,
    }),
  }),
})
server.on('request', provider.callback())
await sql`
  insert into auth.custom_oauth_providers
    (provider_type, identifier, name, client_id, client_secret, scopes, issuer)
  values ('oidc', 'custom:local', 'Local', 'us', 'their secret', '{openid,email}', ${issuer})
`

/** Walks the redirects as a browser does, signing in as `login`, until it is back at the app. */
async function walk(begin: string, login: string): Promise<URL> {
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
      if (url.startsWith(redirectTo) || url.startsWith('http://localhost:3000')) return new URL(url)
      continue
    }
    const page = await response.text()
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    const action = /action="([^"]+)"/.exec(page)?.[1]
    if (!prompt || !action) throw new Error(`${url}: ${response.status} ${page.slice(0, 300)}`)
    url = new URL(action, url).href
    form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'x' }) })
  }
  throw new Error('no end')
}

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

// The gateway hears of a new site by NOTIFY.
await until(async () => (await fetch(begin(), { redirect: 'manual' })).status === 302)

t.test('signs in, and the session is in the fragment with the site’s token', async (t) => {
  const { hash } = await walk(begin(), 'ann')
  const said = Object.fromEntries(new URLSearchParams(hash.slice(1)))
  t.match(said, { token_type: 'bearer', provider_token: /.+/, sb: '', access_token: /.+/ })
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
  verified.eve = false
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
