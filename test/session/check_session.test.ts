// When a session has lasted long enough.

import t from 'tap'
import { claimsOf, openUsers, refusal } from '../support/users.ts'

const { ask, join, settings, signIn, sql, timePasses } = await openUsers(t)
const email = 'ann@example.com'
await join(email)

const refresh = (refresh_token: string | undefined) => ask('refresh', { refresh_token })
const expired = (why = '') =>
  refusal(400, 'session_expired', `Invalid Refresh Token: Session Expired${why}`)

t.test('a session ends by its own date, by age and by rest, told in this order', async (t) => {
  const session = await signIn(email)
  const { session_id } = claimsOf(session)
  await settings({ sessions_timebox: '2h', sessions_inactivity_timeout: '1h' })
  await timePasses('59 minutes')
  const second = (await refresh(session.refresh_token)).body.refresh_token
  t.ok(second)

  await timePasses('61 minutes')
  t.same(await refresh(second), expired(), 'age comes before rest')
  await settings({ sessions_timebox: null })
  t.same(await refresh(second), expired(' (Inactivity)'))
  await settings({ sessions_inactivity_timeout: null })
  await sql`update auth.sessions set not_after = now() - interval '1 second' where id = ${session_id}`
  t.same(await refresh(second), expired())
  await sql`update auth.sessions set not_after = null where id = ${session_id}`
  t.match(await refresh(second), { status: 200 }, 'a refusal ends nothing')
})

t.test('with one session a user, the newest stays', async (t) => {
  await sql`delete from auth.sessions`
  await settings({ sessions_single_per_user: true })
  const older = await signIn(email)
  await timePasses('1 minute')
  const newer = await signIn(email)
  t.same(await refresh(older.refresh_token), expired(' (Revoked by Newer Login)'))
  t.match(await refresh(newer.refresh_token), { status: 200 })
  await sql`
    update auth.sessions set not_after = now() - interval '1 second'
    where id = ${claimsOf(newer).session_id}
  `
  t.match(await refresh(older.refresh_token), { status: 200 }, 'a dead one supersedes nobody')
  await settings({ sessions_single_per_user: false })
})
