// Signing in by what was mailed: the token of a link, or the address and a code.

import t from 'tap'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, ban, join, mailTo, rows, settings, signUp, sql, timePasses } = await openUsers(t, {
  smtp_max_frequency: '0',
})
const linkExpired = refusal(403, 'otp_expired', 'Email link is invalid or has expired')
const codeExpired = refusal(403, 'otp_expired', 'Token has expired or is invalid')

t.test('signs in by the mailed link, and confirms the address', async (t) => {
  const { id } = await signUp('ann@example.com', { data: { name: 'Ann' } })
  const { TokenHash } = await mailTo('ann@example.com')
  const { status, headers, body } = await ask('verify', { type: 'signup', token_hash: TokenHash })
  t.match(
    [status, headers, body],
    [
      200,
      { 'sb-auth-user-id': id, 'sb-auth-refresh-token-counter': '0' },
      {
        token_type: 'bearer',
        user: {
          id,
          email_confirmed_at: String,
          confirmed_at: String,
          last_sign_in_at: String,
          app_metadata: { provider: 'email', providers: ['email'] },
          user_metadata: { name: 'Ann', email_verified: true },
          identities: [{ identity_data: { email_verified: true } }],
        },
      },
    ],
  )
  t.match(claimsOf(body as Session), { amr: [{ method: 'otp' }], aal: 'aal1' })
  t.same('weak_password' in body, false)
})

t.test('a link is good once, and so is its code, and each ends the other', async (t) => {
  for (const first of ['link', 'code']) {
    const email = `${first}@example.com`
    await signUp(email)
    const { Token, TokenHash } = await mailTo(email)
    const link = { type: 'signup', token_hash: TokenHash }
    const code = { type: 'signup', email, token: Token }
    t.match(await ask('verify', first === 'link' ? link : code), { status: 200 })
    t.same(await ask('verify', link), linkExpired)
    t.same(await ask('verify', code), codeExpired)
  }
})

t.test('a new mail voids the one before, and verifying voids all', async (t) => {
  const email = 'cid@example.com'
  await join(email)
  await ask('recover', { email })
  const first = await mailTo(email)
  await ask('otp', { email })
  const second = await mailTo(email)
  t.same(await ask('verify', { type: 'recovery', token_hash: first.TokenHash }), linkExpired)
  t.same(await ask('verify', { type: 'recovery', email, token: first.Token }), codeExpired)
  t.match(await ask('verify', { type: 'magiclink', token_hash: second.TokenHash }), { status: 200 })
  t.match(await rows(), { links: 0, codes: 0 })
})

t.test('a link is good for its own purpose only', async (t) => {
  const email = 'dan@example.com'
  await join(email)
  await ask('recover', { email })
  const { Token, TokenHash } = await mailTo(email)
  for (const type of ['signup', 'invite', 'email_change']) {
    t.same(await ask('verify', { type, token_hash: TokenHash }), linkExpired, type)
    t.same(await ask('verify', { type, email, token: Token }), codeExpired, type)
  }
  for (const type of ['sms', 'phone_change', 'nonsense', 'SIGNUP', "recovery' or true --"]) {
    t.same(
      await ask('verify', { type, token_hash: TokenHash }),
      refusal(400, 'validation_failed', 'Invalid email verification type'),
      type,
    )
    t.same(await ask('verify', { type, email, token: Token }), codeExpired, type)
  }
  t.match(await ask('verify', { type: 'magiclink', token_hash: TokenHash }), { status: 200 })
})

t.test('both end after the time that the settings say', async (t) => {
  await settings({ mailer_otp_exp: 600 })
  for (const [wait, status] of [
    ['9 minutes 50 seconds', 200],
    ['10 minutes 10 seconds', 403],
  ] as const) {
    for (const by of ['link', 'code']) {
      const email = `${by}${status}@example.com`
      await signUp(email)
      const { Token, TokenHash } = await mailTo(email)
      await timePasses(wait)
      const args = by === 'link' ? { token_hash: TokenHash } : { email, token: Token }
      t.match(await ask('verify', { type: 'signup', ...args }), { status }, `${by} after ${wait}`)
    }
  }
  await settings({ mailer_otp_exp: 86400 })
})

t.test('refuses what names no one link or code', async (t) => {
  const [email, phone, token] = ['ann@example.com', '49123', '123456']
  const token_hash = 'a'.repeat(64)
  const cases: [Record<string, string>, number, string][] = [
    [{}, 400, 'Verify requires a verification type'],
    [{ type: '', email, token }, 400, 'Verify requires a verification type'],
    [{ type: 'signup' }, 400, 'Verify requires either a token or a token hash'],
    [{ type: 'signup', email }, 400, 'Verify requires either a token or a token hash'],
    [{ type: 'signup', token, token_hash }, 400, 'Verify requires either a token or a token hash'],
    [
      { type: 'signup', token },
      400,
      'Only an email address or phone number should be provided on verify',
    ],
    [
      { type: 'signup', token, email, phone },
      400,
      'Only an email address or phone number should be provided on verify',
    ],
    ...['email', 'phone', 'redirect_to'].map((extra): [Record<string, string>, number, string] => [
      { type: 'signup', token_hash, [extra]: 'a@b' },
      400,
      'Only the token_hash and type should be provided',
    ]),
    [{ type: 'signup', token, email: 'no' }, 422, 'Invalid email format'],
  ]
  for (const [args, status, message] of cases) {
    const expected = refusal(status, 'validation_failed', message)
    t.same(await ask('verify', args), expected, JSON.stringify(args))
  }
})

t.test('an unknown address, link or number is only wrong', async (t) => {
  const token = '123456'
  const codes = [
    { email: 'nobody@example.com', token },
    { email: 'ann@example.com', token },
    { email: 'ann@example.com', token: '' + 'x'.repeat(100_000) },
    { phone: '49123', token },
  ]
  for (const args of codes) t.same(await ask('verify', { type: 'email', ...args }), codeExpired)
  for (const token_hash of ['x', 'a'.repeat(64), 'pkce_', 'x'.repeat(100_000)]) {
    t.same(await ask('verify', { type: 'email', token_hash }), linkExpired)
  }
})

t.test(
  'a link can not be worked out from the address and the code, nor from the database',
  async (t) => {
    const email = 'ida@example.com'
    await signUp(email)
    const { Token } = await mailTo(email)
    const [kept] =
      await sql`select token_hash from auth.one_time_tokens where relates_to = ${email}`
    const [guess] = await sql`
    select encode(sha224(${email + Token}::text::bytea), 'hex') as sha224,
      encode(sha256(${email + Token}::text::bytea), 'hex') as sha256
  `
    for (const token_hash of [kept?.token_hash, guess?.sha224, guess?.sha256]) {
      t.same(await ask('verify', { type: 'signup', token_hash }), linkExpired)
    }
  },
)

t.test('a banned user does not get in, and loses nothing', async (t) => {
  const email = 'jan@example.com'
  await signUp(email)
  const { Token, TokenHash } = await mailTo(email)
  await ban(email)
  const banned = refusal(403, 'user_banned', 'User is banned')
  t.same(await ask('verify', { type: 'signup', token_hash: TokenHash }), banned)
  t.same(await ask('verify', { type: 'signup', email, token: Token }), banned)
  await sql`update auth.users set banned_until = null`
  t.match(await ask('verify', { type: 'signup', email, token: Token }), { status: 200 })
})

t.test('the token of a PKCE mail gives a session directly', async (t) => {
  const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }
  await ask('signup', { email: 'kim@example.com', password, ...challenge })
  const { TokenHash } = await mailTo('kim@example.com')
  t.match(TokenHash, /^pkce_[0-9a-f]{64}$/)
  t.same(await ask('verify', { type: 'signup', token_hash: TokenHash.slice(5) }), linkExpired)
  t.match(await ask('verify', { type: 'signup', token_hash: TokenHash }), {
    status: 200,
    body: { access_token: String },
  })
})
