// Telephone numbers, as the official client uses them: real gateway, worker and HTTP to who sends.

import t from 'tap'
import { createSupabase } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, {
  external_phone_enabled: true,
  external_anonymous_users_enabled: true,
  sms_provider: 'twilio',
  sms_max_frequency: '0',
  sms_test_otp: '15551234567:123456',
})
const { sms } = stack
const password = 'correct horse battery'

t.test('signs up with phone and password, and confirms by SMS', async (t) => {
  const { auth } = createSupabase(stack)
  const phone = '+4915112345678'
  const signedUp = await auth.signUp({ phone, password, options: { data: { name: 'Ann' } } })
  t.equal(signedUp.error, null)
  t.match(signedUp.data, { session: null, user: { phone: '4915112345678' } })

  const { text, code } = await sms.next('4915112345678')
  t.equal(text, `Your code is ${code}`)
  const verified = await auth.verifyOtp({ phone, token: code, type: 'sms' })
  t.equal(verified.error, null)
  t.match(verified.data.session, { user: { user_metadata: { name: 'Ann' } } })

  await auth.signOut()
  t.match(await auth.signInWithPassword({ phone, password }), { error: null })
})

t.test('signs in by a code, also to WhatsApp', async (t) => {
  const { auth } = createSupabase(stack)
  const phone = '4915112345679'
  t.match(await auth.signInWithOtp({ phone, options: { channel: 'whatsapp' } }), { error: null })
  const { code } = await sms.next(phone)
  t.match(await auth.verifyOtp({ phone, token: code, type: 'sms' }), {
    error: null,
    data: { user: { phone } },
  })
})

t.test('resends a code', async (t) => {
  const { auth } = createSupabase(stack)
  const phone = '4915112345670'
  await auth.signUp({ phone, password })
  await sms.next(phone)
  t.match(await auth.resend({ type: 'sms', phone }), { error: null })
  const { code } = await sms.next(phone)
  t.match(await auth.verifyOtp({ phone, token: code, type: 'sms' }), { error: null })
})

t.test('changes the number of an anonymous user, who becomes permanent', async (t) => {
  const { auth } = createSupabase(stack)
  await auth.signInAnonymously()
  const phone = '4915112345671'
  t.match(await auth.updateUser({ phone }), { error: null, data: { user: { new_phone: phone } } })
  await sms.next(phone)
  t.match(await auth.resend({ type: 'phone_change', phone }), { error: null })
  t.match(await auth.updateUser({ phone }), { error: null })
  const { code } = await sms.next(phone)
  t.match(await auth.verifyOtp({ phone, token: code, type: 'phone_change' }), {
    error: null,
    data: { user: { phone, is_anonymous: false } },
  })
})

t.test('tells why not', async (t) => {
  const { auth } = createSupabase(stack)
  await stack.configure({ sms_max_frequency: '1m' })
  const phone = '4915112345672'
  await auth.signInWithOtp({ phone })
  t.match(await auth.signInWithOtp({ phone }), {
    error: { code: 'over_sms_send_rate_limit', status: 429 },
  })
  t.match(await auth.verifyOtp({ phone, token: 'wrong', type: 'sms' }), {
    error: { code: 'otp_expired', status: 403 },
  })
  t.match(await auth.signInWithPassword({ phone, password }), {
    error: { code: 'invalid_credentials', status: 400 },
  })
})

t.test('a test number signs in without an SMS', async (t) => {
  const { auth } = createSupabase(stack)
  const phone = '15551234567'
  await auth.signInWithOtp({ phone })
  t.match(await auth.verifyOtp({ phone, token: '123456', type: 'sms' }), { error: null })
  t.notOk(sms.posted.some(({ form }) => form.To === `+${phone}`))
})
