// S-22: a mailed link, and a way back from another site, lead to an allowed place; a code in the URL
// is good for the browser that began, once. (More tricks of redirects are in test/oauth.)

import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { openSites } from '../provider/sites.ts'
import { openStack } from '../support/stack.ts'

const site = 'https://app.example.com'
const stack = await openStack(t, {
  smtp_max_frequency: '0',
  mailer_autoconfirm: true,
  site_url: site,
  uri_allow_list: 'https://*.example.org/welcome,myapp://callback',
})
const email = 'ann@example.com'
await stack.sql`select auth.signup(${email}, 'correct horse battery')`
const post = async (path: string, body: object) => {
  const response = await fetch(stack.api + path, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, body: await response.json() }
}
const targetOf = async (redirect: string, more: object = {}) => {
  const query = new URLSearchParams({ redirect_to: redirect })
  await post(`/magiclink?${query}`, { email, ...more })
  const link = (await stack.inbox.next(email)).links[0] as string
  return (await fetch(link, { redirect: 'manual' })).headers.get('location') ?? ''
}

t.test('only what is on the list is a target; anything else leads home', async (t) => {
  const allowed = [
    'https://app.example.com/deep/path',
    'https://a.example.org/welcome',
    'myapp://callback',
  ]
  for (const target of allowed) t.ok((await targetOf(target)).startsWith(target), target)

  const refused = [
    'https://evil.com',
    'https://app.example.com.evil.com',
    'https://app.example.com@evil.com',
    'https://evil.com/https://app.example.com',
    'https://evil.com#https://app.example.com',
    'https://a.b.example.org/welcome',
    'https://a.example.org/welcome/../../evil',
    'http://app.example.com:81@evil.com',
    '//evil.com',
    'https:evil.com',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://app.example.com\\@evil.com',
    'https://app.example.com%00.evil.com',
    'https://app.example.com%2eevil.com',
    'myapp://callback.evil',
  ]
  for (const target of refused) {
    const location = await targetOf(target)
    const { host } = new URL(location)
    t.equal(host, 'app.example.com', target)
  }
})

t.test('a code is for whoever has the verifier, and for one use', async (t) => {
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const location = await targetOf(site, { code_challenge, code_challenge_method: 's256' })
  t.notMatch(location, /access_token|refresh_token/)
  const auth_code = new URL(location).searchParams.get('code')
  const exchange = (verifier: string) =>
    post('/token?grant_type=pkce', { auth_code, code_verifier: verifier })

  t.match(await exchange(randomBytes(32).toString('base64url')), { status: 400 })
  t.match(await exchange(code_challenge), { status: 400 })
  t.match(await exchange(code_verifier), { status: 200, body: { access_token: String } })
  t.match(await exchange(code_verifier), { status: 404 })
})

t.test('it is the same of the way back from another site', async (t) => {
  const sites = await openSites(t)
  const realm = `${sites.url}/protocol/openid-connect`
  sites.answer(`${realm}/token`, { body: { access_token: 'a', token_type: 'bearer' } })
  sites.answer(`${realm}/userinfo`, { body: { sub: 'ann', email, email_verified: true } })
  await stack.sql`
    select auth.configure_provider('keycloak', ${stack.sql.json({
      enabled: true,
      client_id: 'us',
      secret: 's',
      url: sites.url,
    })})
  `
  const goTo = async (path: string) => {
    const response = await fetch(stack.api + path, { redirect: 'manual' })
    return new URL(response.headers.get('location') ?? 'none:')
  }
  await stack.until(async () => (await goTo('/authorize?provider=keycloak')).origin === sites.url)
  const begin = async (more: Record<string, string>) => {
    const query = new URLSearchParams({ provider: 'keycloak', ...more })
    return (await goTo(`/authorize?${query}`)).searchParams.get('state') as string
  }
  for (const target of ['https://evil.com', `${site}.evil.com`, `${site}@evil.com`]) {
    const state = await begin({ redirect_to: target })
    const { host, hash } = await goTo(`/callback?state=${state}&code=abcd`)
    t.match({ host, hash }, { host: 'app.example.com', hash: /access_token/ }, target)
    t.notMatch((await goTo(`/callback?state=${state}&code=abcd`)).hash, /access_token/, 'once')
  }

  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const state = await begin({ code_challenge, code_challenge_method: 's256' })
  const { searchParams, hash } = await goTo(`/callback?state=${state}&code=abcd`)
  t.equal(hash, '')
  const again = await goTo(`/callback?state=${state}&code=abcd`)
  t.match(Object.fromEntries(again.searchParams), { error_code: 'flow_state_already_used' })
  t.notOk(again.searchParams.has('code'), 'a state gives one code')
  const exchange = (verifier: string) =>
    post('/token?grant_type=pkce', {
      auth_code: searchParams.get('code'),
      code_verifier: verifier,
    })
  t.match(await exchange(randomBytes(32).toString('base64url')), { status: 400 })
  t.match(await exchange(code_verifier), { status: 200, body: { provider_token: 'a' } })
  t.match(await exchange(code_verifier), { status: 404 })
})
