// Signing in with a telephone number and a password.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, joinByPhone, settings, sql } = await openUsers(t, {
  external_phone_enabled: true,
  sms_provider: 'twilio',
})
const phone = '4915112345678'
await joinByPhone(phone)

t.test('signs in with phone and password, however the number is written', async (t) => {
  for (const written of [phone, `+${phone}`, '+49 151 1234 5678']) {
    t.match(await ask('signin', { phone: written, password }), {
      status: 200,
      body: { access_token: String, weak_password: null, user: { phone } },
    })
  }
  const [login] = await sql`
    select payload -> 'traits' as traits from auth.audit_log_entries
    where payload ->> 'action' = 'login'
  `
  t.same(login?.traits, { provider: 'phone' })
})

t.test('refuses everything else', async (t) => {
  await ask('signup', { phone: '4915100000001', password })
  await joinByPhone('4915100000002')
  await sql`
    update auth.users set banned_until = now() + interval '1 day' where phone = '4915100000002'
  `
  const invalid = refusal(400, 'invalid_credentials', 'Invalid login credentials')
  const cases: [Record<string, string>, ReturnType<typeof refusal>][] = [
    [{ phone, password: 'wrong' }, invalid],
    [{ phone: '4915100000003', password }, invalid],
    [{ phone: 'no number', password }, invalid],
    [
      { phone: '4915100000001', password },
      refusal(400, 'phone_not_confirmed', 'Phone not confirmed'),
    ],
    [{ phone: '4915100000001', password: 'wrong' }, invalid],
    [{ phone: '4915100000002', password }, refusal(400, 'user_banned', 'User is banned')],
    [{ phone: '', password }, refusal(400, 'validation_failed', 'missing email or phone')],
    [
      { phone, email: 'ann@example.com', password },
      refusal(
        400,
        'validation_failed',
        'Only an email address or phone number should be provided on login.',
      ),
    ],
  ]
  for (const [args, expected] of cases) {
    t.same(await ask('signin', args), expected, JSON.stringify(args))
  }
})

t.test('can be turned off, and the e-mail address without it', async (t) => {
  await settings({ external_phone_enabled: false })
  t.same(
    await ask('signin', { phone, password }),
    refusal(422, 'phone_provider_disabled', 'Phone logins are disabled'),
  )
  await settings({ external_phone_enabled: true, external_email_enabled: false })
  t.match(await ask('signin', { phone, password }), { status: 200 })
  t.same(
    await ask('signin', { email: 'ann@example.com', password }),
    refusal(422, 'email_provider_disabled', 'Email logins are disabled'),
  )
})

t.test('GET /settings tells how phones can be used', async (t) => {
  await settings({ sms_autoconfirm: true })
  t.match(await ask('settings'), {
    body: { external: { phone: true }, phone_autoconfirm: true, sms_provider: 'twilio' },
  })
  await settings({ sms_autoconfirm: false, sms_provider: '', external_phone_enabled: false })
  t.match(await ask('settings'), {
    body: { external: { phone: false }, phone_autoconfirm: false, sms_provider: '' },
  })
})
