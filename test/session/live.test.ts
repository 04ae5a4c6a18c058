// A token that is well signed and in time dies at once with what it stands for: at the door of the
// gateway, and before every request of PostgREST.

import t from 'tap'
import { claimsOf, openUsers, refusal, type Session } from '../support/users.ts'

const { ask, ban, join, settings, sql } = await openUsers(t)

/** What auth.pre_request says to a token, after PostgREST has switched roles. */
async function preRequest(session: Session) {
  const claims = claimsOf(session)
  return sql
    .begin(async (sql) => {
      await sql`
        select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
          set_config('role', ${claims.role}, true)
      `
      await sql`select auth.pre_request()`
      return 'passed'
    })
    .catch((error) => `${error.code} ${error.detail}`)
}

t.test('a token is good while its session and its user are', async (t) => {
  const ann = await join('ann@example.com')
  t.match(await ask('get_user', {}, { as: ann }), { status: 200 })
  t.match(await ask('health', {}, { claims: claimsOf(ann) }), { status: 200 })
  t.equal(await preRequest(ann), 'passed')
})

const notFound = 'Session from session_id claim in JWT does not exist'
const ends: [string, string, string, (session: Session) => unknown][] = [
  [
    'sign-out',
    'session_not_found',
    notFound,
    (session) => ask('signout', { scope: 'local' }, { as: session }),
  ],
  [
    'the end of its session by someone else',
    'session_not_found',
    notFound,
    (session) => sql`delete from auth.sessions where id = ${claimsOf(session).session_id}`,
  ],
  ['a ban', 'user_banned', 'User is banned', (session) => ban(session.user.email)],
  [
    'deletion',
    'user_not_found',
    'User from sub claim in JWT does not exist',
    (session) => sql`delete from auth.users where id = ${session.user.id}`,
  ],
  [
    'a soft deletion',
    'user_not_found',
    'User from sub claim in JWT does not exist',
    (session) => sql`update auth.users set deleted_at = now() where id = ${session.user.id}`,
  ],
]

for (const [end, code, message, happen] of ends) {
  t.test(`a token is dead from ${end} on`, async (t) => {
    const session = await join(`${code}${Math.random()}@example.com`)
    await happen(session)
    const dead = refusal(403, code, message)
    t.same(await ask('get_user', {}, { as: session }), dead)
    t.same(await ask('update_user', { data: {} }, { as: session }), dead)
    t.same(await ask('health', {}, { claims: claimsOf(session) }), dead, 'where no user is needed')
    t.equal(await preRequest(session), `PT403 ${code}`)
  })
}

t.test('a session counts for its own user only', async (t) => {
  const [bob, eve] = [await join('bob@example.com'), await join('eve@example.com')]
  const claims = { ...claimsOf(eve), sub: bob.user.id }
  const dead = refusal(403, 'session_not_found', notFound)
  t.same(await ask('health', {}, { claims }), dead)
})

t.test('a request runs as the role that the user has now', async (t) => {
  const cid = await join('cid@example.com')
  await sql`create function auth.whoami() returns jsonb language sql stable
    return to_jsonb(current_user::text)`
  await sql`grant execute on function auth.whoami to anon, authenticated, service_role`
  const whoami = async () => (await ask('whoami', {}, { claims: claimsOf(cid) })).body

  t.equal(await whoami(), 'authenticated')
  for (const [role, runsAs] of [
    ['anon', 'anon'],
    ['service_role', 'service_role'],
    ['', 'anon'],
    [null, 'anon'],
  ]) {
    await sql`update auth.users set role = ${role ?? null} where id = ${cid.user.id}`
    t.equal(await whoami(), runsAs, String(role))
    t.equal(await preRequest(cid), 'PT403 bad_jwt', 'PostgREST has switched to the old role')
  }
  await sql`update auth.users set role = 'authenticated' where id = ${cid.user.id}`
  t.equal(await preRequest(cid), 'passed')
})

t.test('where the settings say so, a token lives until it expires', async (t) => {
  const dan = await join('dan@example.com')
  await settings({ sessions_checked_live: false })
  await sql`delete from auth.users where id = ${dan.user.id}`
  t.match(await ask('health', {}, { claims: claimsOf(dan) }), { status: 200 })
  t.equal(await preRequest(dan), 'passed')
  t.match(await ask('get_user', {}, { as: dan }), {
    status: 403,
    body: { error_code: 'user_not_found' },
  })
  await settings({ sessions_checked_live: true })
})

t.test('keys without a user, and tokens of others, are let in as what they say', async (t) => {
  for (const claims of [
    { role: 'anon' },
    { role: 'service_role' },
    { role: 'authenticated', sub: 'user 7 of another system' },
    { role: 'authenticated', sub: '6b1f6f3e-7a5b-4c27-9c7e-0f7f0d4a1c11' },
    {},
  ]) {
    t.match(await ask('health', {}, { claims }), { status: 200 }, JSON.stringify(claims))
  }
})
