// Signing out.

import t from 'tap'
import { claimsOf, openUsers, refusal } from '../support/users.ts'

const { ask, join, signIn, sql } = await openUsers(t)
const email = 'ann@example.com'
const bob = await join('bob@example.com')
await join(email)
const done = { status: 204, headers: {}, body: null }

/** Three sign-ins of Ann; the first of them asks. */
async function threeSessions() {
  return [await signIn(email), await signIn(email), await signIn(email)] as const
}

/** Which of these sessions can still ask who they are. */
async function alive(sessions: Awaited<ReturnType<typeof threeSessions>>) {
  const answers = []
  for (const as of sessions) answers.push((await ask('get_user', {}, { as })).status === 200)
  return answers
}

t.test('signs out of all sessions, and of nobody else’s', async (t) => {
  const sessions = await threeSessions()
  t.same(await ask('signout', {}, { as: sessions[0] }), done)
  t.same(await alive(sessions), [false, false, false])
  t.match(await ask('get_user', {}, { as: bob }), { status: 200 })
})

t.test('the scope says which sessions end', async (t) => {
  const cases: [string | null, boolean[]][] = [
    ['global', [false, false, false]],
    ['local', [false, true, true]],
    ['others', [true, false, false]],
    ['', [false, false, false]],
    [null, [false, false, false]],
  ]
  for (const [scope, left] of cases) {
    const sessions = await threeSessions()
    t.same(await ask('signout', { scope }, { as: sessions[0] }), done)
    t.same(await alive(sessions), left, `scope ${scope}`)
  }
})

t.test('a null in SQL means all, too', async (t) => {
  const sessions = await threeSessions()
  await sql.begin(async (sql) => {
    await sql`select auth_private.enter('authenticated', ${sql.json(claimsOf(sessions[0]))}, '{}')`
    await sql`select auth.signout(null)`
  })
  t.same(await alive(sessions), [false, false, false])
})

t.test('an unknown scope ends nothing', async (t) => {
  const sessions = await threeSessions()
  for (const scope of ['everything', 'Global', "'; --", '%s']) {
    t.same(
      await ask('signout', { scope }, { as: sessions[0] }),
      refusal(400, 'validation_failed', `Unsupported logout scope "${scope}"`),
    )
  }
  t.same(await alive(sessions), [true, true, true])
})

t.test('a token without a session signs out of all, whatever the scope', async (t) => {
  for (const scope of ['local', 'others', 'global']) {
    for (const session_id of [undefined, '', '00000000-0000-0000-0000-000000000000']) {
      const sessions = await threeSessions()
      const claims = { ...claimsOf(sessions[0]), session_id }
      t.same(await ask('signout', { scope }, { claims: claims as never }), done)
      t.same(await alive(sessions), [false, false, false], `${scope} ${session_id}`)
    }
  }
})

t.test('only a user signs out', async (t) => {
  await t.rejects(ask('signout', {}, { claims: { role: 'anon' } }), { code: '42501' })
  t.same(
    await ask('signout', {}, { claims: { role: 'authenticated' } }),
    refusal(403, 'bad_jwt', 'invalid claim: missing sub claim'),
  )
})
