// Signing up with a telephone number.

import t from 'tap'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, rows, settings, signUp, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  sms_provider: 'twilio',
})
const phone = '4915112345678'
const auditOf = async (number: string) =>
  (
    await sql`
      select payload ->> 'action' as action, payload ->> 'log_type' as type,
        payload -> 'traits' as traits
      from auth.audit_log_entries
      where payload ->> 'actor_username' = ${number}
      order by created_at, ctid
    `
  ).map(({ action, type, traits }) => ({ action, type, traits }))

t.test('signs up with phone and password, and confirms with the code', async (t) => {
  const said = { phone: '+49 151 12345678', password, data: { name: 'Ann', phone_verified: true } }
  const { status, headers, body } = await ask('signup', said)
  const metadata = { sub: body.id, name: 'Ann', email_verified: false, phone_verified: false }
  t.match(
    { status, headers, body },
    {
      status: 200,
      headers: {},
      body: {
        phone,
        email: '',
        confirmation_sent_at: String,
        is_anonymous: false,
        app_metadata: { provider: 'phone', providers: ['phone'] },
        user_metadata: metadata,
        identities: [{ provider: 'phone', id: body.id }],
      },
    },
  )
  t.notOk(body.phone_confirmed_at)
  t.same(body.identities[0].identity_data, metadata)

  const { kind, Code, Channel } = await smsTo(phone)
  t.match([kind, Code, Channel], ['confirmation', /^\d{6}$/, 'sms'])
  const opened = await ask('verify', { type: 'sms', phone: '+49 15112345678', token: Code })
  t.match(opened, {
    status: 200,
    body: { access_token: String, user: { id: body.id, phone, phone_confirmed_at: String } },
  })
  t.match(claimsOf(opened.body as Session), { phone, email: '', amr: [{ method: 'otp' }] })
  t.same(await auditOf(phone), [
    { action: 'user_confirmation_requested', type: 'user', traits: { provider: 'phone' } },
    { action: 'user_signedup', type: 'team', traits: { provider: 'phone' } },
  ])
})

t.test('refuses what is no sign-up, and leaves nothing', async (t) => {
  const wrongNumber = 'Invalid phone number format (E.164 required)'
  const wrongChannel =
    "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider."
  const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 's256' }
  const cases: [Record<string, string>, string][] = [
    [{ phone: '0151' }, wrongNumber],
    [{ phone: '1'.repeat(16) }, wrongNumber],
    [{ phone: '++4915112345678' }, wrongNumber],
    [{ phone: '4915112-345678' }, wrongNumber],
    [{ phone, channel: 'pigeon' }, wrongChannel],
    [{ phone: 'x', channel: 'pigeon' }, wrongChannel],
    [{ phone: 'x', ...challenge }, 'PKCE not supported for phone signups'],
    [
      { phone, email: 'ann@example.com' },
      'Only an email address or phone number should be provided on signup.',
    ],
  ]
  const before = await rows()
  for (const [args, message] of cases) {
    const answer = await ask('signup', { password, ...args })
    t.same(answer, refusal(400, 'validation_failed', message), JSON.stringify(args))
  }
  t.same(
    await ask('signup', { phone }),
    refusal(400, 'validation_failed', 'Signup requires a valid password'),
  )
  t.same(await rows(), before)
})

t.test('can be turned off', async (t) => {
  await settings({ external_phone_enabled: false })
  t.same(
    await ask('signup', { phone: 'x', password }),
    refusal(400, 'phone_provider_disabled', 'Phone signups are disabled'),
  )
  await settings({ external_phone_enabled: true })
})

t.test('whatsapp is Twilio’s, and a hook may make of a channel what it likes', async (t) => {
  t.match(await ask('signup', { phone: '4915100000001', password, channel: 'whatsapp' }), {
    status: 200,
  })
  t.match(await smsTo('4915100000001'), { Channel: 'whatsapp' })
  await settings({ sms_provider: 'vonage' })
  t.match(await ask('signup', { phone: '4915100000002', password, channel: 'whatsapp' }), {
    status: 400,
  })
  await settings({ hook_send_sms_enabled: true })
  const [passed] = await sql`select auth_private.sms_channel('pigeon') as channel`
  t.equal(passed?.channel, 'pigeon')
  await settings({ sms_provider: 'twilio', hook_send_sms_enabled: false })
})

t.test('signing up again shows nothing, and sends another code', async (t) => {
  const number = '4915100000003'
  const first = await ask('signup', { phone: number, password, data: { name: 'first' } })
  const { Code } = await smsTo(number)
  await timePasses('61 seconds')
  const second = await ask('signup', { phone: number, password: 'squatter’s', data: { name: '2' } })
  t.match(second, { status: 200, body: { id: first.body.id, user_metadata: { name: 'first' } } })
  const token = (await smsTo(number)).Code
  if (token !== Code) {
    t.match(await ask('verify', { type: 'sms', phone: number, token: Code }), { status: 403 })
  }
  await ask('verify', { type: 'sms', phone: number, token })
  // Nobody knows which of the two owns the number, so neither password counts.
  t.match(await ask('signin', { phone: number, password: 'squatter’s' }), { status: 400 })
  t.match(await ask('signin', { phone: number, password }), { status: 400 })
})

t.test('the other address’s confirmation opens no session and shows no user', async (t) => {
  const { id } = await signUp('both@example.com')
  await sql`
    update auth.users set email_confirmed_at = now(), phone = '4915100000004' where id = ${id}
  `
  const by = await ask('signup', {
    phone: '4915100000004',
    password: 'a stranger’s',
    data: { x: 1 },
  })
  t.match(by, { status: 200, body: { email: '', identities: [], user_metadata: { x: 1 } } })
  t.notOk(by.body.access_token)
  t.not(by.body.id, id)
  t.match(await smsTo('4915100000004'), { kind: 'confirmation' })

  await sql`
    update auth.users set email_confirmed_at = null, phone_confirmed_at = now() where id = ${id}
  `
  await timePasses('61 seconds')
  const again = await ask('signup', { email: 'both@example.com', password })
  t.match(again, { status: 200, body: { phone: '', identities: [] } })
  t.notOk(again.body.access_token)
  t.not(again.body.id, id)
})

t.test('with sms_autoconfirm a new number signs in at once', async (t) => {
  await settings({ sms_autoconfirm: true, sms_provider: '' })
  const number = '4915100000005'
  const { status, body } = await ask('signup', { phone: number, password })
  t.match(
    { status, body },
    {
      status: 200,
      body: { access_token: String, user: { phone: number, phone_confirmed_at: String } },
    },
  )
  t.match(claimsOf(body as Session), { phone: number, amr: [{ method: 'password' }] })
  t.same(await auditOf(number), [
    {
      action: 'user_signedup',
      type: 'team',
      traits: { provider: 'phone', channel: 'sms' },
    },
    { action: 'login', type: 'account', traits: { provider: 'phone' } },
  ])
  t.same(
    await ask('signup', { phone: number, password }),
    refusal(422, 'user_already_exists', 'User already registered'),
  )
  await settings({ sms_autoconfirm: false, sms_provider: 'twilio' })
})

t.test('with sms_autoconfirm an unconfirmed number needs its password', async (t) => {
  const number = '4915100000006'
  await ask('signup', { phone: number, password })
  await settings({ sms_autoconfirm: true })
  t.same(
    await ask('signup', { phone: number, password: 'another’s' }),
    refusal(422, 'user_already_exists', 'User already registered'),
  )
  t.match(await ask('signup', { phone: number, password }), {
    status: 200,
    body: { access_token: String },
  })
  await settings({ sms_autoconfirm: false })
})

t.test('without anybody to send an SMS nothing is left', async (t) => {
  await settings({ sms_provider: '' })
  const before = await rows()
  for (const number of ['4915100000007', phone]) {
    t.same(
      await ask('signup', { phone: number, password }),
      refusal(500, 'unexpected_failure', 'Unable to get SMS provider'),
    )
  }
  t.same(await rows(), before)
  await settings({ sms_provider: 'twilio' })
})
