// S-14: sessions end by themselves, absolutely and by being left alone, and each sign-in is a new one.

import t from 'tap'
import { claimsOf, openUsers } from '../support/users.ts'

const { ask, join, settings, signIn, sql, timePasses } = await openUsers(t)
const refresh = (refresh_token: string) => ask('refresh', { refresh_token })

t.test('after the time box no refresh token of the session is good', async (t) => {
  await settings({ sessions_timebox: '24h' })
  const session = await join('ann@example.com')
  await timePasses('23 hours')
  const renewed = await refresh(session.refresh_token)
  t.match(renewed, { status: 200 })
  await timePasses('61 minutes')
  t.match(await refresh(renewed.body.refresh_token), {
    status: 400,
    body: { error_code: 'session_expired' },
  })
  await settings({ sessions_timebox: null })
})

t.test('a session that nobody uses ends', async (t) => {
  await settings({ sessions_inactivity_timeout: '1h' })
  const session = await join('bob@example.com')
  await timePasses('59 minutes')
  const renewed = await refresh(session.refresh_token)
  t.match(renewed, { status: 200 })
  await timePasses('61 minutes')
  t.match(await refresh(renewed.body.refresh_token), {
    status: 400,
    body: { error_code: 'session_expired' },
  })
  await settings({ sessions_inactivity_timeout: null })
})

t.test('each sign-in is a session of its own, with a key of its own', async (t) => {
  const first = await signIn('ann@example.com')
  const second = await signIn('ann@example.com')
  t.not(claimsOf(first).session_id, claimsOf(second).session_id)
  const [keys] = await sql`
    select count(*)::integer as all, count(distinct refresh_token_hmac_key)::integer as distinct
    from auth.sessions
  `
  t.equal(keys?.all, keys?.distinct)
})
