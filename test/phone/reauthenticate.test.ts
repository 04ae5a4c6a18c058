// The code of auth.reauthenticate, by SMS to who has no e-mail address.

import t from 'tap'
import { openUsers, refusal, type Session } from '../support/users.ts'

const { ask, join, joinByPhone, mailTo, settings, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  external_anonymous_users_enabled: true,
  sms_provider: 'twilio',
  security_update_password_require_reauthentication: true,
})
const done = { status: 200, headers: {}, body: {} }
const invalid = refusal(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')

t.test('sends a code that is the nonce for a new password', async (t) => {
  const phone = '4915100000001'
  const session = await joinByPhone(phone)
  await timePasses('25 hours')
  t.same(await ask('reauthenticate', {}, { as: session }), done)
  const { kind, Code } = await smsTo(phone)
  t.equal(kind, 'reauthentication')
  const change = (nonce: string) =>
    ask('update_user', { password: 'a new password', nonce }, { as: session })
  t.same(await change(Code.replace(/./g, '0') === Code ? '111111' : '000000'), invalid)
  t.match(await change(Code), { status: 200, body: { phone } })
  t.match(await ask('signin', { phone, password: 'a new password' }), { status: 200 })
})

t.test('the code lives as long as an SMS, and a number waits', async (t) => {
  const phone = '4915100000002'
  const session = await joinByPhone(phone)
  await timePasses('25 hours')
  await ask('reauthenticate', {}, { as: session })
  t.match(await ask('reauthenticate', {}, { as: session }), {
    status: 429,
    body: { error_code: 'over_sms_send_rate_limit' },
  })
  const { Code } = await smsTo(phone)
  await timePasses('61 seconds')
  const late = await ask('update_user', { password: 'a new one', nonce: Code }, { as: session })
  t.same(late, invalid)
})

t.test('prefers the e-mail address', async (t) => {
  const session = await join('ann@example.com')
  await sql`
    update auth.users set phone = '4915100000003', phone_confirmed_at = now()
    where email = 'ann@example.com'
  `
  t.same(await ask('reauthenticate', {}, { as: session }), done)
  t.equal((await mailTo('ann@example.com')).kind, 'reauthentication')
  await t.rejects(smsTo('4915100000003'))
})

t.test('refuses an unconfirmed number, and who has no address', async (t) => {
  const session = await joinByPhone('4915100000004')
  await sql`update auth.users set phone_confirmed_at = null where phone = '4915100000004'`
  t.same(
    await ask('reauthenticate', {}, { as: session }),
    refusal(422, 'phone_not_confirmed', 'Please verify your phone first.'),
  )
  const guest = (await ask('signup', {})).body as Session
  t.same(
    await ask('reauthenticate', {}, { as: guest }),
    refusal(
      400,
      'validation_failed',
      'Reauthentication requires the user to have an email or a phone number',
    ),
  )
})

t.test('a test number’s code is a nonce too', async (t) => {
  const phone = '4915100000005'
  const session = await joinByPhone(phone)
  await settings({ sms_test_otp: `${phone}:246810` })
  await timePasses('25 hours')
  t.same(await ask('reauthenticate', {}, { as: session }), {
    ...done,
    body: { message_id: 'test-otp' },
  })
  const answer = await ask('update_user', { password: 'fresh', nonce: '246810' }, { as: session })
  t.match(answer, { status: 422, body: { error_code: 'weak_password' } })
  t.match(
    await ask('update_user', { password: 'fresh and long', nonce: '246810' }, { as: session }),
    {
      status: 200,
    },
  )
})
