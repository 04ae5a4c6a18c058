// Renewing an access token.

import { createHash, createHmac } from 'node:crypto'
import t from 'tap'
import { claimsOf, openUsers, refusal, type Session } from '../support/users.ts'

const { ask, ban, join, settings, signIn, sql, timePasses } = await openUsers(t)
const email = 'ann@example.com'
await join(email)

const refresh = (refresh_token: string | undefined) => ask('refresh', { refresh_token })
const notFound = refusal(
  400,
  'refresh_token_not_found',
  'Invalid Refresh Token: Refresh Token Not Found',
)
const reused = {
  ...refusal(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used'),
  headers: { 'sb-auth-refresh-token-rotated': 'true' },
}

/** The refresh tokens of one session, the oldest first. */
async function generations(count: number): Promise<string[]> {
  const tokens = [(await signIn(email)).refresh_token]
  while (tokens.length < count) tokens.push((await refresh(tokens.at(-1))).body.refresh_token)
  return tokens
}

/** A refresh token with a counter of one's choice, signed by the session's own key. */
async function forge(session: Session, counter: number, key?: string): Promise<string> {
  const id = claimsOf(session).session_id
  const [row] = await sql`select refresh_token_hmac_key as key from auth.sessions where id = ${id}`
  const said = Buffer.concat([
    Buffer.of(0),
    Buffer.from(id.replaceAll('-', ''), 'hex'),
    Buffer.of(counter),
  ])
  const hmac = createHmac('sha256', Buffer.from(key ?? row?.key, 'base64url')).update(said)
  const signed = Buffer.concat([said, hmac.digest().subarray(0, 16)])
  const checksum = createHash('sha256').update(signed).digest().subarray(0, 4)
  return Buffer.concat([signed, checksum]).toString('base64url')
}

t.test('gives a new access token and the refresh token to use next', async (t) => {
  const first = await signIn(email)
  await timePasses('30 minutes')
  const from = { headers: { 'user-agent': 'Test/2.0' }, address: '203.0.113.8' }
  const answer = await ask('refresh', { refresh_token: first.refresh_token }, from)
  const { session_id } = claimsOf(first)
  const [session] = await sql`select * from auth.sessions where id = ${session_id}`

  t.match(answer, {
    status: 200,
    headers: {
      'sb-auth-user-id': first.user.id,
      'sb-auth-session-id': session_id,
      'sb-auth-refresh-token-counter': '1',
      'sb-auth-refresh-token-reuse': 'false',
    },
    body: { token_type: 'bearer', expires_in: 3600, user: { email } },
  })
  t.same(Object.keys(answer.body).sort(), [
    'access_token',
    'expires_at',
    'expires_in',
    'refresh_token',
    'token_type',
    'user',
  ])
  t.not(answer.body.refresh_token, first.refresh_token)
  t.match(claimsOf(answer.body as Session), { session_id, amr: [{ method: 'password' }] })
  t.match(session, { refresh_token_counter: '1', user_agent: 'Test/2.0', ip: '203.0.113.8' })
  t.ok(session?.refreshed_at)
  const [user] = await sql`select last_sign_in_at from auth.users where email = ${email}`
  t.same(user?.last_sign_in_at, session?.created_at, 'it is no sign-in')
})

t.test('a lost answer can be asked for again, until the next token is used', async (t) => {
  const [first, second] = await generations(2)
  await timePasses('5 days')
  for (let n = 0; n < 2; n++) {
    const { status, headers, body } = await refresh(first)
    t.match(
      [status, headers, body.refresh_token],
      [
        200,
        {
          'sb-auth-refresh-token-counter': '1',
          'sb-auth-refresh-token-reuse': undefined,
          'sb-auth-refresh-token-reuse-cause': 'fail-to-save',
        },
        second,
      ],
    )
  }
  t.match(await refresh(second), { status: 200 })
})

t.test('an older token has been copied: its session is ended, and stays so', async (t) => {
  const [first, second, third] = await generations(3)
  t.same(await refresh(first), reused)
  for (const token of [first, second, third]) t.same(await refresh(token), notFound)
})

t.test('only that session is ended', async (t) => {
  const other = await signIn(email)
  const [first] = await generations(3)
  t.same(await refresh(first), reused)
  t.match(await refresh(other.refresh_token), { status: 200 })
})

t.test('within the reuse interval older tokens are taken', async (t) => {
  await settings({ security_refresh_token_reuse_interval: 10 })
  const [first, second, third] = await generations(3)
  const { headers, body } = await refresh(first)
  t.match(
    [headers, body.refresh_token],
    [{ 'sb-auth-refresh-token-reuse-cause': 'concurrent-refresh' }, third],
  )
  t.match((await refresh(second)).headers, {
    'sb-auth-refresh-token-reuse-cause': 'concurrent-refresh,fail-to-save',
  })
  await timePasses('11 seconds')
  t.same(await refresh(first), reused)
  await settings({ security_refresh_token_reuse_interval: 0 })
})

t.test('reuse can be allowed for good, or left without consequences', async (t) => {
  const [first, , third] = await generations(3)
  await settings({ security_refresh_token_allow_reuse: true })
  const { headers, body } = await refresh(first)
  t.match(
    [headers, body.refresh_token],
    [{ 'sb-auth-refresh-token-reuse-cause': 'always-allow' }, third],
  )

  await settings({
    security_refresh_token_allow_reuse: false,
    security_refresh_token_rotation_enabled: false,
  })
  t.same(await refresh(first), { ...reused, headers: {} })
  t.match(await refresh(third), { status: 200 })
  await settings({ security_refresh_token_rotation_enabled: true })
})

t.test('refuses what is no refresh token', async (t) => {
  const { refresh_token } = await signIn(email)
  const bytes = Buffer.from(refresh_token, 'base64url')
  const changed = (place: number) => {
    const copy = Buffer.from(bytes)
    copy[place]! ^= 1
    return copy.toString('base64url')
  }
  const malformed = refusal(400, 'validation_failed', 'Refresh token is not valid')
  for (const token of [
    undefined,
    '',
    'short',
    'UPPERCASE123',
    'abcdefghijk',
    'abcdefghijkl\n',
    `${refresh_token}=`,
    `${refresh_token}\n`,
    ` ${refresh_token}`,
    refresh_token.slice(0, -1),
    refresh_token.slice(0, -2),
    `${refresh_token}AA`,
    'A'.repeat(51),
    'A'.repeat(100_000),
    'ü'.repeat(51),
    ...[0, 1, 16, 17, 18, 33, 34, 37].map(changed),
  ]) {
    t.same(await refresh(token), malformed, String(token).slice(0, 60))
  }
  t.same(await refresh('abcdefghijkl'), notFound, 'the form of GoTrue’s older ones')
  t.match(await refresh(refresh_token), { status: 200 })
})

t.test('only the session’s own key makes its tokens', async (t) => {
  const [ann, other] = [await signIn(email), await signIn(email)]
  const [row] = await sql`
    select refresh_token_hmac_key as key from auth.sessions
    where id = ${claimsOf(other).session_id}
  `
  t.same(await refresh(await forge(ann, 0, row?.key)), notFound, 'another session’s key')
  t.same(await refresh(await forge(ann, 0, '')), notFound, 'no key')
  t.same(
    await refresh(await forge(ann, 1)),
    refusal(400, 'validation_failed', 'Invalid Refresh Token: Not Issued By This Server'),
    'a counter that was never given out',
  )
  t.match(await refresh(await forge(ann, 0)), { status: 200 }, 'its own')
})

t.test('a session whose key is missing or unreadable refreshes with no token at all', async (t) => {
  for (const key of [null, '', '{"key_id":"1","alg":"aes-gcm-hkdf"}', 'not base64url!']) {
    const session = await signIn(email)
    await sql`
      update auth.sessions set refresh_token_hmac_key = ${key}
      where id = ${claimsOf(session).session_id}
    `
    for (const token of [await forge(session, 0, 'AAAA'), session.refresh_token]) {
      t.same(await refresh(token), notFound, String(key))
    }
  }
})

t.test('a session that was signed out is not found', async (t) => {
  const session = await signIn(email)
  await ask('signout', { scope: 'local' }, { as: session })
  t.same(await refresh(session.refresh_token), notFound)
})

t.test('a banned user refreshes no more', async (t) => {
  const { refresh_token } = await signIn(email)
  await ban(email)
  t.same(
    await refresh(refresh_token),
    refusal(400, 'user_banned', 'Invalid Refresh Token: User Banned'),
  )
  await timePasses('25 hours')
  t.match(await refresh(refresh_token), { status: 200 })
})
