// Refresh tokens of GoTrue’s older form, which come with its data.

import t from 'tap'
import { claimsOf, openUsers, refusal } from '../support/users.ts'

const { ask, join, signIn, sql } = await openUsers(t)
const email = 'ann@example.com'
await join(email)

const refresh = (refresh_token: string) => ask('refresh', { refresh_token })
const notFound = refusal(
  400,
  'refresh_token_not_found',
  'Invalid Refresh Token: Refresh Token Not Found',
)
const reused = {
  ...refusal(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used'),
  headers: { 'sb-auth-refresh-token-rotated': 'true' },
}

t.test('a token of GoTrue’s older form is answered by one of ours, once', async (t) => {
  const imported = async () => {
    const { session_id, sub } = claimsOf(await signIn(email))
    await sql`
      update auth.sessions set refresh_token_hmac_key = null, refresh_token_counter = null
      where id = ${session_id}
    `
    const token = Math.random().toString(36).slice(2).padEnd(12, 'a').slice(0, 12)
    await sql`
      insert into auth.refresh_tokens (token, user_id, revoked, session_id, created_at, updated_at)
      values (${token}, ${sub}, false, ${session_id}, now(), now())
    `
    return token
  }
  const token = await imported()
  const { status, body } = await refresh(token)
  t.equal(status, 200)
  const [row] = await sql`select revoked from auth.refresh_tokens where token = ${token}`
  t.equal(row?.revoked, true)

  const repeated = await refresh(token)
  t.match(repeated.headers, { 'sb-auth-refresh-token-reuse-cause': 'fail-to-save' })
  t.equal(repeated.body.refresh_token, body.refresh_token, 'a lost answer')
  t.match(await refresh(body.refresh_token), { status: 200 })
  t.same(await refresh(token), reused, 'after ours was used')
  t.same(await refresh(body.refresh_token), notFound)

  const orphan = await imported()
  await sql`update auth.refresh_tokens set session_id = null where token = ${orphan}`
  t.same(
    await refresh(orphan),
    refusal(400, 'session_not_found', 'Invalid Refresh Token: No Valid Session Found'),
  )
})
