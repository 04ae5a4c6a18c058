// When a session has lasted long enough.

import t from 'tap'
import { claimsOf, openUsers, refusal, type Session } from '../support/users.ts'

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

t.test('with tags, the newest of each kind stays', async (t) => {
  await sql`delete from auth.sessions`
  await settings({ sessions_single_per_user: true, sessions_tags: 'web, phone' })
  const tag = (session: Session, tag: string) =>
    sql`update auth.sessions set tag = ${tag} where id = ${claimsOf(session).session_id}`
  const untagged = await signIn(email)
  const phone = await signIn(email)
  await tag(phone, 'phone')
  await timePasses('1 minute')
  const unknown = await signIn(email)
  await tag(unknown, 'watch')

  t.match(await refresh(phone.refresh_token), { status: 200 }, 'the only one of its kind')
  t.same(
    await refresh(untagged.refresh_token),
    expired(' (Revoked by Newer Login)'),
    'no tag and an unknown one count as the first',
  )
  t.match(await refresh(unknown.refresh_token), { status: 200 })
  await settings({ sessions_single_per_user: false, sessions_tags: '' })
})

t.test('a session without the second factor of its user ends earlier', async (t) => {
  const low = ' (Low AAL: User Needs MFA Verification)'
  await settings({ sessions_allow_low_aal: '10m' })
  const session = await signIn(email)
  t.equal(session.expires_in, 3600, 'where there is no factor nothing is missing')
  const user_id = session.user.id as string
  await sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (gen_random_uuid(), ${user_id}, 'totp', 'unverified', now(), now())
  `
  t.equal((await signIn(email)).expires_in, 3600, 'nor with a factor that was never shown')

  await sql`update auth.mfa_factors set status = 'verified' where user_id = ${user_id}`
  const lower = await signIn(email)
  t.equal(lower.expires_in, 600)
  t.equal(claimsOf(lower).exp - claimsOf(lower).iat, 600)
  await timePasses('9 minutes')
  const { refresh_token, expires_in } = (await refresh(lower.refresh_token)).body
  t.ok(expires_in > 50 && expires_in <= 60, `${expires_in} seconds are left of the ten minutes`)

  const { session_id } = claimsOf(lower)
  await timePasses('2 minutes')
  t.same(await refresh(refresh_token), expired(low))
  await sql`update auth.sessions set aal = 'aal2' where id = ${session_id}`
  t.match(await refresh(refresh_token), { status: 200, body: { expires_in: 3600 } })
  await settings({ sessions_allow_low_aal: null })
})
