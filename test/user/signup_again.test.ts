// Signing up where addresses count as confirmed at once, and again.

import t from 'tap'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, ban, rows, settings, sql } = await openUsers(t)
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

t.test('with autoconfirm a session follows at once', async (t) => {
  await settings({ mailer_autoconfirm: true })
  const before = await rows()
  const { status, headers, body } = await ask('signup', { email: 'quick@example.com', password })
  t.match(
    [status, headers, body],
    [
      200,
      {
        'sb-auth-user-id': body.user.id,
        'sb-auth-session-id': uuid,
        'sb-auth-refresh-token-counter': '0',
      },
      {
        token_type: 'bearer',
        expires_in: 3600,
        user: {
          email_confirmed_at: time,
          confirmed_at: time,
          last_sign_in_at: time,
          user_metadata: { email_verified: true },
          identities: [{ identity_data: { email_verified: true } }],
        },
      },
    ],
  )
  t.same('weak_password' in body, false)
  t.match(claimsOf(body as Session), { amr: [{ method: 'password' }], aal: 'aal1' })
  t.match(await rows(), { users: before.users! + 1, mails: before.mails, waits: before.waits })
})

t.test(
  'with autoconfirm a known address is refused, and its owner gets in by password',
  async (t) => {
    const taken = refusal(422, 'user_already_exists', 'User already registered')
    const email = 'quick@example.com'
    t.same(await ask('signup', { email, password }), taken, 'confirmed')

    await sql`update auth.users set email_confirmed_at = null where email = ${email}`
    t.same(await ask('signup', { email, password: 'guess of a thief' }), taken, 'wrong password')
    await ban(email)
    t.same(await ask('signup', { email, password }), taken, 'banned')
    await sql`update auth.users set banned_until = null where email = ${email}`
    t.match(await ask('signup', { email, password }), {
      status: 200,
      body: { access_token: String },
    })

    t.same(
      await ask('signup', { email, password }, { headers: { 'x-jwt-aud': 'elsewhere' } }),
      taken,
      'of another audience',
    )
    await settings({ mailer_autoconfirm: false })
  },
)
