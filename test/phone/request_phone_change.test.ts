// Changing one’s telephone number, or getting a first one.

import t from 'tap'
import { openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, join, joinByPhone, settings, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  external_anonymous_users_enabled: true,
  sms_provider: 'twilio',
})
const verify = async (phone: string, token?: string) =>
  ask('verify', { type: 'phone_change', phone, token: token ?? (await smsTo(phone)).Code })

t.test('a new number counts once its code was typed', async (t) => {
  const [old, fresh] = ['4915100000001', '4915100000002']
  const session = await joinByPhone(old)
  const asked = await ask('update_user', { phone: `+${fresh}` }, { as: session })
  t.match(asked, {
    status: 200,
    body: { phone: old, new_phone: fresh, phone_change_sent_at: String },
  })
  t.match(await smsTo(fresh), { kind: 'phone_change', Code: /^\d{6}$/, Channel: 'sms' })
  t.same(
    await verify(old, (await smsTo(fresh)).Code),
    refusal(403, 'otp_expired', 'Token has expired or is invalid'),
  )

  const changed = await verify(fresh)
  t.match(changed, {
    status: 200,
    body: { access_token: String, user: { phone: fresh, app_metadata: { providers: ['phone'] } } },
  })
  t.notOk(changed.body.user.new_phone)
  t.match(changed.body.user.identities, [{ identity_data: { phone: fresh, phone_verified: true } }])
  t.match(await ask('signin', { phone: fresh, password }), { status: 200 })
  t.match(await ask('signin', { phone: old, password }), { status: 400 })
  const audited = await sql`
    select payload ->> 'action' as action from auth.audit_log_entries
    where payload ->> 'action' = 'user_modified'
  `
  t.equal(audited.length, 2)
})

t.test('adds a number to a user of an e-mail address', async (t) => {
  const session = await join('ann@example.com')
  await ask('update_user', { phone: '4915100000003', channel: 'whatsapp' }, { as: session })
  t.match(await smsTo('4915100000003'), { Channel: 'whatsapp' })
  t.match(await verify('4915100000003'), {
    status: 200,
    body: {
      user: {
        email: 'ann@example.com',
        phone: '4915100000003',
        phone_confirmed_at: String,
        app_metadata: { provider: 'email', providers: ['email', 'phone'] },
      },
    },
  })
})

t.test('an anonymous user becomes permanent', async (t) => {
  const guest = (await ask('signup', { data: {} })).body as Session
  const asked = await ask('update_user', { phone: '4915100000004', password }, { as: guest })
  t.match(asked, { status: 200, body: { is_anonymous: true, new_phone: '4915100000004' } })
  const { body } = await verify('4915100000004')
  t.match(body.user, {
    id: guest.user.id,
    is_anonymous: false,
    app_metadata: { provider: 'phone', providers: ['phone'] },
    identities: [{ provider: 'phone' }],
  })
})

t.test('refuses what can be no new number', async (t) => {
  await joinByPhone('4915100000005')
  const session = await join('ben@example.com')
  const cases: [Record<string, string>, number, string, string][] = [
    [
      { phone: '4915100000005' },
      422,
      'phone_exists',
      'A user with this phone number has already been registered',
    ],
    [{ phone: 'x' }, 400, 'validation_failed', 'Invalid phone number format (E.164 required)'],
    [
      { phone: '4915100000006', channel: 'pigeon' },
      400,
      'validation_failed',
      "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider.",
    ],
  ]
  for (const [args, status, code, message] of cases) {
    const answer = await ask('update_user', args, { as: session })
    t.same(answer, refusal(status, code, message), JSON.stringify(args))
  }
  await settings({ sms_provider: '' })
  t.same(
    await ask('update_user', { phone: '4915100000006' }, { as: session }),
    refusal(500, 'unexpected_failure', 'Unable to get SMS provider'),
  )
  await settings({ sms_provider: 'twilio' })
})

t.test('needs the second factor of who has one', async (t) => {
  const session = await join('factor@example.com')
  await sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (gen_random_uuid(), ${session.user.id}, 'totp', 'verified', now(), now())
  `
  t.match(await ask('update_user', { phone: '4915100000007' }, { as: session }), {
    status: 401,
    body: { error_code: 'insufficient_aal' },
  })
})

t.test('one’s own number is no change, and the wait is the user’s', async (t) => {
  const session = await joinByPhone('4915100000008')
  t.match(await ask('update_user', { phone: '4915100000008' }, { as: session }), {
    status: 200,
    body: { new_phone: undefined },
  })
  t.match(await ask('update_user', { phone: '4915100000009' }, { as: session }), { status: 200 })
  t.match(await ask('update_user', { phone: '4915100000010' }, { as: session }), {
    status: 429,
    body: { error_code: 'over_sms_send_rate_limit' },
  })
  await timePasses('61 seconds')
  t.match(await ask('update_user', { phone: '4915100000010' }, { as: session }), { status: 200 })
  t.match(await verify('4915100000010'), { status: 200 })
})

t.test(
  'with sms_autoconfirm it is applied at once, and what was sent before is void',
  async (t) => {
    const session = await joinByPhone('4915100000012')
    await timePasses('61 seconds')
    await ask('otp', { phone: '4915100000012' })
    const { Code } = await smsTo('4915100000012')
    await settings({ sms_autoconfirm: true })
    t.match(await ask('update_user', { phone: '4915100000013' }, { as: session }), {
      status: 200,
      body: { phone: '4915100000013', identities: [{ identity_data: { phone: '4915100000013' } }] },
    })
    await settings({ sms_autoconfirm: false })
    t.match(await ask('verify', { type: 'sms', phone: '4915100000012', token: Code }), {
      status: 403,
    })
  },
)

t.test('an admin’s number ends a change that was pending', async (t) => {
  const session = await joinByPhone('4915100000014')
  await ask('update_user', { phone: '4915100000015' }, { as: session })
  await ask(
    'admin_update_user',
    { user_id: session.user.id, phone: '4915100000016' },
    { claims: { role: 'service_role' } },
  )
  t.match(await verify('4915100000015'), { status: 403 })
  const [user] = await sql`select phone_change from auth.users where id = ${session.user.id}`
  t.equal(user?.phone_change, '')
})

t.test('a user with an e-mail address is told there, if the settings say so', async (t) => {
  await settings({ mailer_notifications_phone_changed_enabled: true })
  const session = await join('told@example.com')
  const mails = async () =>
    (
      await sql`
        select kind, variables ->> 'Phone' as phone, variables ->> 'OldPhone' as old
        from auth_private.outbox
        where recipient = 'told@example.com' and kind like 'phone%'
      `
    ).map((mail) => ({ ...mail }))
  await ask('update_user', { phone: '4915100000017' }, { as: session })
  await verify('4915100000017')
  t.same(await mails(), [], 'a first number is no change')
  await timePasses('61 seconds')
  await ask('update_user', { phone: '4915100000018' }, { as: session })
  await verify('4915100000018')
  t.same(await mails(), [
    { kind: 'phone_changed_notification', phone: '4915100000018', old: '4915100000017' },
  ])
})

t.test('another sign-in service’s user keeps the number', async (t) => {
  const session = await join('sso@example.com')
  await sql`update auth.users set is_sso_user = true where id = ${session.user.id}`
  t.match(await ask('update_user', { phone: '4915100000019' }, { as: session }), {
    status: 422,
    body: { error_code: 'user_sso_managed' },
  })
})
