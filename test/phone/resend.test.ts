// Sending a code once more.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, join, joinByPhone, mailTo, settings, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  sms_provider: 'twilio',
})
const done = { status: 200, headers: {}, body: {} }

t.test('sends another code to a number that awaits confirmation', async (t) => {
  const phone = '4915100000001'
  await ask('signup', { phone, password })
  t.match(await ask('resend', { type: 'sms', phone }), {
    status: 429,
    body: { error_code: 'over_sms_send_rate_limit' },
  })
  await timePasses('61 seconds')
  await sql`delete from auth_private.outbox`
  t.same(await ask('resend', { type: 'sms', phone: `+${phone}` }), done)
  const { Code } = await smsTo(phone)
  t.match(await ask('verify', { type: 'sms', phone, token: Code }), { status: 200 })
  const [asked] = await sql`
    select payload from auth.audit_log_entries
    where payload ->> 'action' = 'user_recovery_requested'
  `
  t.notOk(asked?.payload.traits)
})

t.test('sends nothing to a confirmed number', async (t) => {
  await timePasses('61 seconds')
  const phone = '4915100000002'
  await joinByPhone(phone)
  await sql`delete from auth_private.outbox`
  await timePasses('61 seconds')
  for (const type of ['sms', 'phone_change', 'email_change']) {
    t.same(await ask('resend', { type, phone }), done, type)
  }
  t.same(await sql`select distinct kind from auth_private.outbox`, [{ kind: 'decoy' }])
})

t.test('sends a change’s code again, by either of the present addresses', async (t) => {
  const session = await join('ann@example.com')
  await sql`update auth.users set phone = '4915100000003' where email = 'ann@example.com'`
  await ask('update_user', { phone: '4915100000004' }, { as: session })
  for (const address of [{ email: 'ann@example.com' }, { phone: '4915100000003' }]) {
    await timePasses('61 seconds')
    await sql`delete from auth_private.outbox`
    t.same(await ask('resend', { type: 'phone_change', ...address }), done)
    t.match(await smsTo('4915100000004'), { kind: 'phone_change', Channel: 'sms' })
  }
  const { Code } = await smsTo('4915100000004')
  t.match(await ask('verify', { type: 'phone_change', phone: '4915100000004', token: Code }), {
    status: 200,
  })

  await ask('update_user', { email: 'ann@example.org' }, { as: session })
  await sql`delete from auth_private.outbox`
  t.same(await ask('resend', { type: 'email_change', phone: '4915100000004' }), done)
  t.match(await mailTo('ann@example.org'), { kind: 'email_change' })
})

t.test('refuses the wrong use of arguments', async (t) => {
  const phone = '4915100000005'
  const cases: [Record<string, string>, string][] = [
    [{ type: 'sms' }, 'Type provided requires a phone number'],
    [{ type: 'sms', email: 'ann@example.com' }, 'Type provided requires a phone number'],
    [{ type: 'signup', phone }, 'Type provided requires an email address'],
    [
      { type: 'sms', phone, email: 'ann@example.com' },
      'Only an email address or phone number should be provided.',
    ],
    [{ type: 'phone_change' }, 'Missing email address or phone number'],
    [{ type: 'sms', phone: 'x' }, 'Invalid phone number format (E.164 required)'],
  ]
  for (const [args, message] of cases) {
    const answer = await ask('resend', args)
    t.same(answer, refusal(400, 'validation_failed', message), JSON.stringify(args))
  }
  await settings({ external_phone_enabled: false })
  t.same(
    await ask('resend', { type: 'sms', phone }),
    refusal(400, 'phone_provider_disabled', 'Phone logins are disabled'),
  )
  await settings({ external_phone_enabled: true })
})
