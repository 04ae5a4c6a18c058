// Asking for a code by SMS to sign in with: auth.otp by phone.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, joinByPhone, rows, settings, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  sms_provider: 'twilio',
})
const phone = '4915112345678'
const done = { status: 200, headers: {}, body: {} }
await joinByPhone(phone)
await timePasses('61 seconds')

t.test('sends a code that signs in', async (t) => {
  t.same(await ask('otp', { phone: `+${phone}`, channel: 'whatsapp' }), done)
  const { kind, Code, Channel } = await smsTo(phone)
  t.match([kind, Code, Channel], ['confirmation', /^\d{6}$/, 'whatsapp'])
  t.match(await ask('verify', { type: 'sms', phone, token: Code }), {
    status: 200,
    body: { access_token: String, user: { phone } },
  })
  const [asked] = await sql`
    select payload -> 'traits' as traits from auth.audit_log_entries
    where payload ->> 'action' = 'user_recovery_requested'
  `
  t.same(asked?.traits, { channel: 'whatsapp' })
})

t.test('signs up who is unknown, with the data and without a password', async (t) => {
  const number = '4915100000001'
  t.same(await ask('otp', { phone: number, data: { name: 'New' } }), done)
  const { Code } = await smsTo(number)
  t.match(await ask('verify', { type: 'sms', phone: number, token: Code }), {
    status: 200,
    body: { user: { phone_confirmed_at: String, user_metadata: { name: 'New' } } },
  })
  t.match(await ask('signin', { phone: number, password: '' }), { status: 400 })
})

t.test('an unconfirmed user keeps her password and data', async (t) => {
  const number = '4915100000002'
  await ask('signup', { phone: number, password, data: { name: 'Slow' } })
  await timePasses('61 seconds')
  t.same(await ask('otp', { phone: number, data: { name: 'Other' } }), done)
  const { Code } = await smsTo(number)
  t.match(await ask('verify', { type: 'sms', phone: number, token: Code }), {
    body: { user: { user_metadata: { name: 'Slow' } } },
  })
})

t.test('refuses the wrong use, and leaves nothing', async (t) => {
  const cases: [Record<string, unknown>, number, string, string][] = [
    [{ phone: 'x' }, 400, 'validation_failed', 'Invalid phone number format (E.164 required)'],
    [
      { phone, email: 'ann@example.com' },
      400,
      'validation_failed',
      'Only an email address or phone number should be provided',
    ],
    [
      { phone, channel: 'pigeon' },
      400,
      'validation_failed',
      "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider.",
    ],
    [
      { phone, code_challenge: 'c'.repeat(43) },
      400,
      'validation_failed',
      'PKCE flow requires code_challenge_method and code_challenge',
    ],
    [
      { phone: '4915100000003', create_user: false },
      422,
      'otp_disabled',
      'Signups not allowed for otp',
    ],
    [{ phone: 'x', create_user: false }, 422, 'otp_disabled', 'Signups not allowed for otp'],
  ]
  const before = await rows()
  for (const [args, status, code, message] of cases) {
    const answer = await ask('otp', args as never)
    t.same(answer, refusal(status, code, message), JSON.stringify(args))
  }
  t.same(await rows(), before)
})

t.test('without create_user only who is known gets a code', async (t) => {
  await timePasses('61 seconds')
  t.same(await ask('otp', { phone, create_user: false }), done)
})

t.test('where nobody can sign up, only confirmed users get a code', async (t) => {
  await settings({ disable_signup: true })
  await timePasses('61 seconds')
  const disabled = refusal(422, 'signup_disabled', 'Signups not allowed for this instance')
  t.same(await ask('otp', { phone: '4915100000004' }), disabled)
  t.same(await ask('otp', { phone }), done)
  await settings({ disable_signup: false })
})

t.test('can be turned off', async (t) => {
  await settings({ external_phone_enabled: false })
  t.same(
    await ask('otp', { phone }),
    refusal(400, 'phone_provider_disabled', 'Unsupported phone provider'),
  )
  await settings({ external_phone_enabled: true })
})

t.test('with sms_autoconfirm a newcomer is confirmed at once, and still sent a code', async (t) => {
  await settings({ sms_autoconfirm: true })
  const number = '4915100000005'
  t.same(await ask('otp', { phone: number }), done)
  const [user] = await sql`
    select phone_confirmed_at is not null as confirmed, encrypted_password from auth.users
    where phone = ${number}
  `
  t.same(user, { confirmed: true, encrypted_password: '' })
  t.match(await smsTo(number), { kind: 'confirmation', Code: /^\d{6}$/ })
  await settings({ sms_autoconfirm: false })
})

t.test('a number waits as sms_max_frequency says, even after the code was typed', async (t) => {
  await timePasses('61 seconds')
  const number = '4915100000006'
  await ask('otp', { phone: number })
  const { Code } = await smsTo(number)
  t.match(await ask('verify', { type: 'sms', phone: number, token: Code }), { status: 200 })
  const tooSoon = await ask('otp', { phone: number })
  t.match(tooSoon, { status: 429, body: { error_code: 'over_sms_send_rate_limit' } })
  t.match(
    tooSoon.body.msg,
    /^For security purposes, you can only request this after 5\d seconds\.$/,
  )

  await settings({ smtp_max_frequency: '1h', sms_max_frequency: '10s' })
  await timePasses('11 seconds')
  t.same(await ask('otp', { phone: number }), done)
  await settings({ smtp_max_frequency: '1m', sms_max_frequency: '1m' })
})

t.test('a mail’s long wait is not forgotten for an SMS’s short one', async (t) => {
  await settings({ smtp_max_frequency: '1h', sms_max_frequency: '10s' })
  await ask('otp', { email: 'patient@example.com' })
  await timePasses('10 minutes')
  await ask('otp', { phone: '4915100000007' })
  t.match(await ask('otp', { email: 'patient@example.com' }), { status: 429 })
  await settings({ smtp_max_frequency: '1m', sms_max_frequency: '1m' })
})
