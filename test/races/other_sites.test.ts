// People who come back from another site at the same time, or while something happens to them here.

import t from 'tap'
import { openSites } from '../provider/sites.ts'
import { openClient, type Reply } from '../support/gateway.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { security_manual_linking_enabled: true })
const { sql } = stack
const ask = openClient(stack.api)
const sites = await openSites(t)
const token = { body: { access_token: 'a', token_type: 'bearer' } }
const realm = `${sites.url}/protocol/openid-connect`
sites.answer(`${realm}/token`, token)
sites.answer(`${sites.url}/plain/token`, token)
await sql`
  select auth.configure_provider('keycloak', ${sql.json({
    enabled: true,
    client_id: 'us',
    secret: 's',
    url: sites.url,
  })})
`
await sql`
  insert into auth.custom_oauth_providers
    (provider_type, identifier, name, client_id, client_secret, authorization_url, token_url,
     userinfo_url)
  values ('oauth2', 'custom:plain', 'Plain', 'us', 's', ${`${sites.url}/plain/authorize`},
    ${`${sites.url}/plain/token`}, ${`${sites.url}/plain/me`})
`
await stack.until(async () => (await ask('/authorize?provider=custom:plain')).status === 302)

/** Who it is that comes from both sites, and what happens here before they say so. */
function isThere(name: string, meanwhile?: () => Promise<unknown>) {
  const body = { sub: name, email: `${name}@example.com`, email_verified: true }
  const answer = { body, ...(meanwhile && { meanwhile }) }
  sites.answer(`${realm}/userinfo`, answer)
  sites.answer(`${sites.url}/plain/me`, answer)
}

const stateIn = (reply: Reply) =>
  new URL(reply.headers.location as string).searchParams.get('state') as string
const begin = async (more = '', provider = 'keycloak') =>
  stateIn(await ask(`/authorize?provider=${provider}${more}`))
const beginLinking = async (session: { access_token: string }) =>
  stateIn(
    await ask('/user/identities/authorize?provider=keycloak', undefined, {
      token: session.access_token,
    }),
  )
/** What a callback leads to: the parameters of query and fragment. */
async function come(state: string): Promise<Record<string, string>> {
  const { headers } = await ask(`/callback?code=abcd&state=${state}`)
  const { searchParams, hash } = new URL(headers.location as string)
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))])
}
const isIn = (said: Record<string, string>) => said.access_token !== undefined
const userOf = async ({ access_token: token = '' }: Record<string, string>) =>
  (await ask('/user', undefined, { token })).body as { id: string; email: string }

/** Somebody with a session by the word of a site. */
async function join(name: string) {
  const profile = {
    subject: name,
    emails: [{ email: `${name}@example.com`, verified: true, primary: true }],
    data: {},
  }
  const [row] = await sql`select auth.signin_external('google', ${sql.json(profile)}) as session`
  return row?.session
}
const rowsOf = async (name: string) =>
  (
    await sql`
      select (select count(*)::int from auth.users where email = ${`${name}@example.com`}) as users,
        (select count(*)::int from auth.identities where provider_id = ${name}) as identities,
        (select count(*)::int from auth.sessions s join auth.users u on u.id = s.user_id
          where u.email = ${`${name}@example.com`}) as sessions
    `
  )[0]

t.test('ten callbacks with one state and code: one signs in', async (t) => {
  isThere('ann')
  const state = await begin()
  sites.taken()
  const answers = await Promise.all(Array.from({ length: 10 }, () => come(state)))
  t.equal(answers.filter(isIn).length, 1)
  for (const { error_code } of answers.filter((said) => !isIn(said))) {
    t.match(error_code, /^(bad_oauth_state|flow_state_already_used)$/)
  }
  t.equal(
    sites.taken().filter(({ url }) => url.endsWith('/token')).length,
    1,
    'the site is asked once',
  )
  t.same(await rowsOf('ann'), { users: 1, identities: 1, sessions: 1 })
})

t.test('ten exchanges of one code: one session', async (t) => {
  isThere('bea')
  const code_verifier = 'v'.repeat(43)
  const state = await begin(`&code_challenge=${code_verifier}&code_challenge_method=plain`)
  const { code: auth_code } = await come(state)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => ask('/token?grant_type=pkce', { auth_code, code_verifier })),
  )
  const statuses = answers.map(({ status }) => status).sort()
  t.same(statuses, [200, ...Array.from({ length: 9 }, () => 404)])
  t.same(await rowsOf('bea'), { users: 1, identities: 1, sessions: 1 })
})

t.test('eight first sign-ins of one account: one user, eight sessions', async (t) => {
  isThere('cid')
  const states = await Promise.all(Array.from({ length: 8 }, () => begin()))
  const answers = await Promise.all(states.map(come))
  t.ok(answers.every(isIn))
  t.same(await rowsOf('cid'), { users: 1, identities: 1, sessions: 8 })
})

t.test('first sign-ins at two sites with one address: one user with both', async (t) => {
  isThere('dan')
  const states = await Promise.all([
    begin(),
    begin('', 'custom:plain'),
    begin(),
    begin('', 'custom:plain'),
  ])
  const answers = await Promise.all(states.map(come))
  t.ok(answers.every(isIn))
  t.same(await rowsOf('dan'), { users: 1, identities: 2, sessions: 4 })
})

t.test('two users link one account: one has it', async (t) => {
  const users = [await join('eve'), await join('fay')]
  isThere('shared')
  const states = await Promise.all(users.map(beginLinking))
  const answers = await Promise.all(states.map(come))
  t.equal(answers.filter(isIn).length, 1)
  t.match(
    answers.filter((said) => !isIn(said)),
    [{ error_code: 'identity_already_exists' }],
  )
  t.match(await rowsOf('shared'), { users: 0, identities: 1 })
  const winner = await userOf(answers.find(isIn) ?? {})
  t.match(await sql`select user_id from auth.identities where provider_id = 'shared'`, [
    { user_id: winner.id },
  ])
})

t.test('who is deleted on the way is not revived', async (t) => {
  const gil = await join('gil')
  isThere('gil.at.work', () => sql`select auth.admin_delete_user(${gil.user.id})`)
  t.match(await come(await beginLinking(gil)), { error_code: 'user_not_found' })
  t.match(await rowsOf('gil.at.work'), { users: 0, identities: 0 })
  t.match(await rowsOf('gil'), { users: 0, identities: 0 })

  isThere('hal')
  const first = await userOf(await come(await begin()))
  isThere('hal', () => sql`select auth.admin_delete_user(${first.id})`)
  const second = await userOf(await come(await begin()))
  t.match(second, { email: 'hal@example.com' })
  t.not(second.id, first.id, 'but somebody new')
  t.same(await rowsOf('hal'), { users: 1, identities: 1, sessions: 1 })
})

t.test('who is banned on the way is not let in', async (t) => {
  isThere('ivy')
  const { id } = await userOf(await come(await begin()))
  const ban = () => sql`
    update auth.users set banned_until = now() + interval '1 day' where id = ${id}
  `
  isThere('ivy', ban)
  t.match(await come(await begin()), { error: 'access_denied', error_code: 'user_banned' })
  t.match(await rowsOf('ivy'), { sessions: 1 })
})
