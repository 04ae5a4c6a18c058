// Signing in with a password.

import t from 'tap'
import { countHashing } from '../support/hashing.ts'
import { claimsOf, faceless, openUsers, password, refusal } from '../support/users.ts'

const { ask, ban, join, rows, settings, signIn, signUp, sql, timePasses } = await openUsers(t)
const email = 'ann@example.com'
await join(email, { data: { name: 'Ann' } })
const wrong = refusal(400, 'invalid_credentials', 'Invalid login credentials')

t.test('signs in with e-mail address and password', async (t) => {
  await timePasses('1 hour')
  const from = { headers: { 'user-agent': 'Test/1.0' }, address: '203.0.113.7' }
  const { status, headers, body } = await ask('signin', { email, password }, from)
  const [session] = await sql`select * from auth.sessions order by created_at desc limit 1`
  t.same(
    [status, headers],
    [
      200,
      {
        'sb-auth-user-id': body.user.id,
        'sb-auth-session-id': session?.id,
        'sb-auth-refresh-token-counter': '0',
      },
    ],
  )
  t.same(Object.keys(body).sort(), [
    'access_token',
    'expires_at',
    'expires_in',
    'refresh_token',
    'token_type',
    'user',
    'weak_password',
  ])
  t.match(body, {
    token_type: 'bearer',
    expires_in: 3600,
    expires_at: Number,
    weak_password: null,
    user: { email, user_metadata: { name: 'Ann' }, identities: [{ provider: 'email' }] },
  })
  t.match(session, {
    user_id: body.user.id,
    aal: 'aal1',
    user_agent: 'Test/1.0',
    ip: '203.0.113.7',
    refreshed_at: null,
    not_after: null,
  })
  const [user] = await sql`select last_sign_in_at = now() as no, * from auth.users`
  t.same(user?.last_sign_in_at, session?.created_at)
})

t.test('each sign-in is a session of its own, and the others stay', async (t) => {
  const [first, second] = [await signIn(email), await signIn(email)]
  t.not(claimsOf(first).session_id, claimsOf(second).session_id)
  for (const as of [first, second]) t.match(await ask('get_user', {}, { as }), { status: 200 })
})

t.test('the case of the address does not matter, and its form is not judged', async (t) => {
  t.match(await signIn('ANN@Example.COM'), { user: { email } })
  for (const odd of ['no address', ' ann@example.com', `${'x'.repeat(300)}@example.com`]) {
    t.same(await ask('signin', { email: odd, password }), wrong, odd)
  }
})

t.test('refuses what is no way to sign in', async (t) => {
  const cases: [Record<string, string>, number, string, string][] = [
    [{}, 400, 'validation_failed', 'missing email or phone'],
    [{ email: '', phone: '', password }, 400, 'validation_failed', 'missing email or phone'],
    [
      { email, phone: '49123', password },
      400,
      'validation_failed',
      'Only an email address or phone number should be provided on login.',
    ],
    [{ phone: '49123', password }, 422, 'phone_provider_disabled', 'Phone logins are disabled'],
  ]
  for (const [args, status, code, message] of cases) {
    t.same(await ask('signin', args), refusal(status, code, message), JSON.stringify(args))
  }
  await settings({ external_email_enabled: false })
  t.same(
    await ask('signin', { email, password }),
    refusal(422, 'email_provider_disabled', 'Email logins are disabled'),
  )
  await settings({ external_email_enabled: true })
})

t.test('does not tell a wrong password from an unknown address, and writes nothing', async (t) => {
  await sql`
    insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at)
    values (gen_random_uuid(), 'authenticated', 'authenticated', 'oauth@example.com', null, now()),
      (gen_random_uuid(), 'authenticated', 'authenticated', 'saml@example.com', '', now())
  `
  await signUp('unconfirmed@example.com')
  const before = await rows()
  const known = await ask('signin', { email, password: 'wrong password' })
  t.same(known, wrong)
  for (const other of [
    { email: 'nobody@example.com', password },
    { email: 'oauth@example.com', password },
    { email: 'saml@example.com', password: '' },
    { email: 'unconfirmed@example.com', password: 'wrong password' },
    { email },
    { email, password: '' },
    { email, password: 'x'.repeat(100) },
  ]) {
    t.same(faceless(await ask('signin', other)), faceless(known), JSON.stringify(other))
  }
  t.same(await rows(), before)
})

t.test('an unknown address costs as much as a wrong password', async (t) => {
  const hashed = await countHashing(sql)
  const guess = { password: 'wrong password' }
  for (const other of [email, 'nobody@example.com', 'oauth@example.com', 'saml@example.com']) {
    t.equal(await hashed(() => ask('signin', { email: other, ...guess })), 1, other)
  }
})

t.test('only who knows the password learns that the address is not confirmed', async (t) => {
  t.same(
    await ask('signin', { email: 'unconfirmed@example.com', password }),
    refusal(400, 'email_not_confirmed', 'Email not confirmed'),
  )
})

t.test('a ban is told whatever the password, and ends by itself', async (t) => {
  await ban(email)
  for (const guess of [password, 'wrong password']) {
    t.same(
      await ask('signin', { email, password: guess }),
      refusal(400, 'user_banned', 'User is banned'),
    )
  }
  await timePasses('25 hours')
  t.match(await signIn(email), { token_type: 'bearer' })
})

t.test('users of another audience are others', async (t) => {
  const there = { headers: { 'x-jwt-aud': 'elsewhere' } }
  t.same(await ask('signin', { email, password }, there), wrong)
  await sql`update auth.users set aud = 'elsewhere' where email = ${email}`
  t.match(await ask('signin', { email, password }, there), { status: 200 })
  t.same(await ask('signin', { email, password }), wrong)
  await sql`update auth.users set aud = 'authenticated' where email = ${email}`
})

t.test('a password that would not be taken today signs in, and the answer says so', async (t) => {
  await settings({ password_min_length: 40 })
  t.match(await signIn(email), {
    weak_password: {
      message: 'Password should be at least 40 characters.',
      reasons: ['length'],
    },
  })
  await settings({ password_min_length: 6 })
})
