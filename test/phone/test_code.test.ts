// Numbers for testing, which accept a code that the settings give them.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const phone = '15551234567'
const { ask, join, rows, settings, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  sms_test_otp: `+${phone}=123456, 15557654321:654321`,
})
const told = { status: 200, headers: {}, body: { message_id: 'test-otp' } }
const expired = refusal(403, 'otp_expired', 'Token has expired or is invalid')
const verify = (number: string, token: string, type = 'sms') =>
  ask('verify', { type, phone: number, token })

t.test('signs up and in without an SMS and without a provider', async (t) => {
  t.match(await ask('signup', { phone, password }), { status: 200, body: { phone } })
  t.match(await verify(`+${phone}`, '123456'), { status: 200, body: { user: { phone } } })
  await timePasses('61 seconds')
  t.same(await ask('otp', { phone }), told)
  t.match(await verify(phone, '123456'), { status: 200 })
  t.equal((await rows()).mails, 0)
})

t.test('the code need not have been asked for, and is never old', async (t) => {
  await timePasses('2 hours')
  t.match(await verify(phone, '123456'), { status: 200 })
  t.match(await verify(phone, '123456'), { status: 200 })
})

t.test('is for its own number only', async (t) => {
  t.same(await verify(phone, '654321'), expired)
  t.same(await verify('15557654321', '654321'), expired, 'nobody has this number yet')
  const [end] = await sql`select auth_private.test_code(${phone.slice(1)}) as code`
  t.equal(end?.code, null, 'the end of a test number is none')
  t.same(await verify(phone, '123456', 'phone_change'), expired)
  t.same(await verify(phone, '123456', 'signup'), expired)
})

t.test('a newcomer is told as little as others are', async (t) => {
  t.same(await ask('otp', { phone: '15557654321' }), { status: 200, headers: {}, body: {} })
  t.match(await verify('15557654321', '654321'), { status: 200 })
})

t.test('waits like any other number', async (t) => {
  await timePasses('61 seconds')
  t.same(await ask('otp', { phone }), told)
  t.match(await ask('otp', { phone }), {
    status: 429,
    body: { error_code: 'over_sms_send_rate_limit' },
  })
})

t.test('resends and changes of the number send nothing either', async (t) => {
  await sql`update auth.users set phone_confirmed_at = null where phone = ${phone}`
  await timePasses('61 seconds')
  t.same(await ask('resend', { type: 'sms', phone }), told)

  await settings({ sms_test_otp: '15550000001:111111' })
  const session = await join('ann@example.com')
  await ask('update_user', { phone: '15550000001' }, { as: session })
  await timePasses('2 hours')
  t.same(await ask('resend', { type: 'phone_change', email: 'ann@example.com' }), told)
  t.match(await verify('15550000001', '111111', 'phone_change'), {
    status: 200,
    body: { user: { email: 'ann@example.com', phone: '15550000001' } },
  })
  const sent = await sql`select from auth_private.outbox where channel = 'sms'`
  t.same(sent, [])
})

t.test('ends when the settings say', async (t) => {
  await settings({ sms_provider: 'twilio', sms_test_otp: `${phone}:123456` })
  await settings({ sms_test_otp_valid_until: new Date(Date.now() + 3_600_000).toISOString() })
  t.match(await verify(phone, '123456'), { status: 200 })
  await settings({ sms_test_otp_valid_until: new Date(Date.now() - 1000).toISOString() })
  t.same(await verify(phone, '123456'), expired)
  await timePasses('61 seconds')
  t.same(await ask('otp', { phone }), { status: 200, headers: {}, body: {} })
  t.match(await smsTo(phone), { Code: /^\d{6}$/ })
})

t.test('without a provider any other number is refused', async (t) => {
  await settings({ sms_provider: '' })
  const before = await rows()
  t.same(
    await ask('otp', { phone: '15559999999' }),
    refusal(500, 'unexpected_failure', 'Unable to get SMS provider'),
  )
  t.same(await rows(), before)
})
