// Refresh tokens of GoTrue’s older form, which come with its data.

import t from 'tap'
import { claimsOf, openUsers, refusal } from '../support/users.ts'

const { ask, join, settings, signIn, sql, timePasses } = await openUsers(t)
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
const again = (cause: string) => ({
  'sb-auth-refresh-token-reuse': undefined,
  'sb-auth-refresh-token-reuse-cause': cause,
})

let made = 0

/** A session as GoTrue leaves it: so many tokens, the oldest first, of which only the last is good. */
async function imported(count: number): Promise<string[]> {
  const { session_id, sub } = claimsOf(await signIn(email))
  await sql`
    update auth.sessions set refresh_token_hmac_key = null, refresh_token_counter = null
    where id = ${session_id}
  `
  const tokens = Array.from({ length: count }, () => `token${String(++made).padStart(7, '0')}`)
  for (const [place, token] of tokens.entries()) {
    await sql`
      insert into auth.refresh_tokens (
        token, user_id, revoked, session_id, parent, created_at, updated_at
      )
      values (
        ${token}, ${sub}, ${place < count - 1}, ${session_id}, ${tokens[place - 1] ?? null},
        now(), now() - interval '1 minute'
      )
    `
  }
  return tokens
}

t.test('is answered by a token of ours, once', async (t) => {
  const [token] = (await imported(1)) as [string]
  const { status, headers, body } = await refresh(token)
  t.match(
    [status, headers],
    [200, { 'sb-auth-refresh-token-counter': '1', 'sb-auth-refresh-token-reuse': 'false' }],
  )
  const [row] = await sql`select revoked from auth.refresh_tokens where token = ${token}`
  t.equal(row?.revoked, true)
  const audited = await sql`
    select payload ->> 'action' as action from auth.audit_log_entries
    order by created_at desc, payload ->> 'action'
    limit 2
  `
  t.same(
    audited.map(({ action }) => action),
    ['token_refreshed', 'token_revoked'],
  )

  const repeated = await refresh(token)
  t.match(repeated.headers, again('fail-to-save'))
  t.equal(repeated.body.refresh_token, body.refresh_token, 'a lost answer')
  t.match(await refresh(body.refresh_token), { status: 200 })
  t.same(await refresh(token), reused, 'after ours was used')
  t.same(await refresh(body.refresh_token), notFound)
})

t.test('the parent of the good one is a lost answer, however old it is', async (t) => {
  const [, parent, good] = (await imported(3)) as [string, string, string]
  await timePasses('20 days')
  for (let n = 0; n < 2; n++) {
    const { status, headers, body } = await refresh(parent)
    t.match([status, headers, body.refresh_token], [200, again('fail-to-save'), good])
  }
  const ours = await refresh(good)
  t.match(ours, { status: 200, headers: { 'sb-auth-refresh-token-reuse': 'false' } })
  t.same(await refresh(parent), reused, 'after the good one was used')
  t.same(await refresh(ours.body.refresh_token), notFound)
})

t.test('an older one is taken within the reuse interval, and ends the session after', async (t) => {
  const [oldest, , good] = (await imported(3)) as [string, string, string]
  await settings({ security_refresh_token_reuse_interval: 90 })
  const { headers, body } = await refresh(oldest)
  t.match([headers, body.refresh_token], [again('concurrent-refresh'), good])

  await timePasses('31 seconds')
  t.same(await refresh(oldest), reused)
  t.same(await refresh(good), notFound)
  await settings({ security_refresh_token_reuse_interval: 0 })
})

t.test('ends nothing where reuse is left without consequences', async (t) => {
  const [oldest, , good] = (await imported(3)) as [string, string, string]
  await settings({ security_refresh_token_rotation_enabled: false })
  t.same(await refresh(oldest), { ...reused, headers: {} })
  t.match(await refresh(good), { status: 200 })
  await settings({ security_refresh_token_rotation_enabled: true })
})

t.test('a family that GoTrue has revoked stays so', async (t) => {
  const tokens = await imported(2)
  await sql`update auth.refresh_tokens set revoked = true where token = any (${tokens})`
  await settings({ security_refresh_token_reuse_interval: 600 })
  t.same(await refresh(tokens[1] as string), reused)
  await settings({ security_refresh_token_reuse_interval: 0 })
})

t.test('its time counts as the session’s last use', async (t) => {
  const [token] = (await imported(1)) as [string]
  await timePasses('2 hours')
  await sql`update auth.refresh_tokens set updated_at = now() where token = ${token}`
  await settings({ sessions_inactivity_timeout: '1h' })
  t.match(await refresh(token), { status: 200 })
  await settings({ sessions_inactivity_timeout: null })
})

t.test('needs a session, which may not be an OAuth client’s', async (t) => {
  const [orphan, client] = [...(await imported(1)), ...(await imported(1))] as [string, string]
  await sql`update auth.refresh_tokens set session_id = null where token = ${orphan}`
  const [row] = await sql`
    insert into auth.oauth_clients (
      id, registration_type, redirect_uris, grant_types, client_type, token_endpoint_auth_method
    )
    values (gen_random_uuid(), 'manual', 'x', 'x', 'public', 'none') returning id
  `
  await sql`
    update auth.sessions set oauth_client_id = ${row?.id}
    where id = (select session_id from auth.refresh_tokens where token = ${client})
  `
  t.same(
    await refresh(orphan),
    refusal(400, 'session_not_found', 'Invalid Refresh Token: No Valid Session Found'),
  )
  t.same(
    await refresh(client),
    refusal(400, 'invalid_client', 'Client authentication required for OAuth session'),
  )
})
