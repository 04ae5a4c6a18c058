// Codes that were sent to a telephone number, and guesses at them.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, join, joinByPhone, mailTo, settings, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  sms_provider: 'twilio',
  sms_max_frequency: '0',
  smtp_max_frequency: '0',
})
const expired = refusal(403, 'otp_expired', 'Token has expired or is invalid')
const other = (code: string) => code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10))
const sent = async (phone: string) => {
  await ask('otp', { phone })
  return (await smsTo(phone)).Code as string
}

t.test('a code is good once', async (t) => {
  const phone = '4915100000001'
  const token = await sent(phone)
  t.match(await ask('verify', { type: 'sms', phone, token }), { status: 200 })
  t.same(await ask('verify', { type: 'sms', phone, token }), expired)
})

t.test('refuses what is no verification', async (t) => {
  const phone = '4915100000002'
  const token = await sent(phone)
  const invalid = (message: string, status = 400) => refusal(status, 'validation_failed', message)
  const cases: [Record<string, string>, ReturnType<typeof refusal>][] = [
    [{ type: 'sms', phone: 'x', token }, invalid('Invalid phone number format (E.164 required)')],
    [
      { type: 'sms', phone, email: 'ann@example.com', token },
      invalid('Only an email address or phone number should be provided on verify'),
    ],
    [
      { type: 'sms', token_hash: 'a', phone },
      invalid('Only the token_hash and type should be provided'),
    ],
    [{ type: 'sms', token_hash: 'a' }, invalid('Invalid email verification type')],
    [{ type: 'phone_change', token_hash: 'a' }, invalid('Invalid email verification type')],
    [{ phone, token }, invalid('Verify requires a verification type')],
    [{ type: 'sms', phone: '4915100000099', token }, expired],
    [{ type: 'phone_change', phone, token }, expired],
    [{ type: 'signup', phone, token }, expired],
    [{ type: 'email', phone, token }, expired],
    [{ type: 'nonsense', phone, token }, expired],
    [{ type: 'sms', email: 'ann@example.com', token }, expired],
  ]
  for (const [args, answer] of cases) {
    t.same(await ask('verify', args), answer, JSON.stringify(args))
  }
  t.match(await ask('verify', { type: 'sms', phone, token }), { status: 200 })
})

t.test('a code lives as long and has as many digits as the settings say for SMS', async (t) => {
  const phone = '4915100000003'
  const first = await sent(phone)
  await timePasses('61 seconds')
  t.same(await ask('verify', { type: 'sms', phone, token: first }), expired)

  await settings({ sms_otp_exp: 600, sms_otp_length: 8, mailer_otp_exp: 1, mailer_otp_length: 7 })
  const second = await sent(phone)
  t.match(second, /^\d{8}$/)
  await timePasses('599 seconds')
  t.match(await ask('verify', { type: 'sms', phone, token: second }), { status: 200 })

  await ask('otp', { email: 'mail@example.com' })
  const { Token } = await mailTo('mail@example.com')
  t.match(Token, /^\d{7}$/)
  await timePasses('2 seconds')
  t.same(await ask('verify', { type: 'email', email: 'mail@example.com', token: Token }), expired)
  await settings({
    sms_otp_exp: 60,
    sms_otp_length: 6,
    mailer_otp_exp: 86400,
    mailer_otp_length: 6,
  })
})

t.test('a code dies of ten wrong guesses', async (t) => {
  const phone = '4915100000004'
  const token = await sent(phone)
  for (let guess = 0; guess < 10; guess++) {
    t.same(await ask('verify', { type: 'sms', phone, token: other(token) }), expired)
  }
  t.same(await ask('verify', { type: 'sms', phone, token }), expired)
})

t.test('a code for a number confirms no e-mail address', async (t) => {
  const { id } = (await ask('signup', { email: 'fay@example.com', password })).body
  const mailed = await mailTo('fay@example.com')
  await sql`update auth.users set phone = '4915100000005' where id = ${id}`
  const token = await sent('4915100000005')
  const args = { type: 'signup', email: 'fay@example.com', token }
  t.same(await ask('verify', args), expired)
  t.match(await ask('verify', { type: 'sms', phone: '4915100000005', token }), {
    status: 200,
    body: { user: { id, email_confirmed_at: undefined, phone_confirmed_at: String } },
  })
  t.match(await ask('verify', { type: 'signup', token_hash: mailed.TokenHash }), { status: 403 })
})

t.test('a code for a number that is the user’s no more is void', async (t) => {
  const phone = '4915100000006'
  const token = await sent(phone)
  await sql`update auth.users set phone = '4915100000007' where phone = ${phone}`
  t.same(await ask('verify', { type: 'sms', phone, token }), expired)
})

t.test('a banned user is refused', async (t) => {
  const phone = '4915100000008'
  await joinByPhone(phone)
  await sql`update auth.users set banned_until = now() + interval '1 day' where phone = ${phone}`
  const token = await sent(phone)
  t.same(
    await ask('verify', { type: 'sms', phone, token }),
    refusal(403, 'user_banned', 'User is banned'),
  )
})

t.test('no link can be made of an SMS', async (t) => {
  await join('link@example.com')
  await sent('4915100000009')
  const links = await sql`select from auth.one_time_tokens where relates_to !~ '@'`
  t.same(links, [])
})
