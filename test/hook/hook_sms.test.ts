// The application sends the SMS, by a function of the database or at a URL.

import t from 'tap'
import { openHooks } from '../support/hooks.ts'
import { openUsers, password, refusal } from '../support/users.ts'

const users = await openUsers(t, { external_phone_enabled: true })
const { ask, rows, settings, sql, timePasses } = users
const hooks = await openHooks(users)
const name = 'send_sms'
const phone = '4915112345678'
const queued = () => sql`
  delete from auth_private.outbox returning channel, kind, recipient, user_id, variables
`

t.test('a function of the database gets the code, without a provider', async (t) => {
  await hooks.on(name)
  const { status, body } = await ask('signup', { phone: `+${phone}`, password })
  t.equal(status, 200)
  const [event, ...others] = await hooks.heard(name)
  t.same(Object.keys(event ?? {}).sort(), ['metadata', 'sms', 'user'])
  t.match(event, {
    metadata: { name: 'send-sms' },
    user: { id: body.id, phone, identities: [{ provider: 'phone' }] },
  })
  const { otp, ...sms } = event?.sms ?? {}
  t.match(otp, /^\d{6}$/)
  t.same(sms, { phone })
  t.same([others, [...(await queued())]], [[], []])
  t.match(await ask('verify', { type: 'sms', phone, token: otp }), { status: 200 })
})

t.test('the channel is the hook’s business, and its refusal undoes everything', async (t) => {
  await hooks.on(name, `return '{"error": {"http_code": 402, "message": "no money"}}';`)
  const before = await rows()
  const asked = await ask('otp', { phone: '4915100000000', channel: 'whatsapp' })
  t.same(asked, refusal(402, 'unknown', 'no money'))
  t.same(await rows(), before)
})

t.test('test numbers reach no hook', async (t) => {
  await hooks.on(name)
  await settings({ sms_test_otp: '4915199999999:123456' })
  t.match(await ask('otp', { phone: '4915199999999' }), { status: 200 })
  t.same(await hooks.heard(name), [])
})

t.test('a hook at a URL gets the same by the outbox', async (t) => {
  await hooks.at(name, 'https://example.com/sms')
  await timePasses('61 seconds')
  t.match(await ask('otp', { phone }), { status: 200 })
  t.match(await queued(), [
    {
      channel: 'hook',
      kind: 'send_sms',
      recipient: phone,
      variables: {
        metadata: { uuid: String, name: 'send-sms' },
        user: { phone },
        sms: { otp: /^\d{6}$/, phone },
      },
    },
  ])
})

t.test('the worker gets no code that has expired', async (t) => {
  await timePasses('61 seconds')
  await ask('otp', { phone })
  await timePasses('61 seconds')
  t.same([...(await sql`select from auth_private.claim_mail(10, '1 minute')`)], [])
  const [row] = await sql`select last_error from auth_private.outbox where parked_at is not null`
  t.match(row?.last_error, 'the code expired')
  await queued()
})

t.test('a number of nobody costs the same writes where the hook is at a URL', async (t) => {
  for (const [uri, channels] of [
    ['https://example.com/sms', ['hook']],
    ['pg-functions://postgres/app/send_sms', []],
  ] as const) {
    await hooks.at(name, uri)
    await timePasses('61 seconds')
    t.match(await ask('resend', { type: 'sms', phone: '4915177777777' }), { status: 200 })
    t.same(
      (await queued()).map((row) => [row.channel, row.kind]),
      channels.map((channel) => [channel, 'decoy']),
    )
  }
  t.same(await hooks.heard(name), [])
})

t.test('hooks about new users hear of numbers, too', async (t) => {
  for (const hook of ['before_user_created', 'after_user_created', name]) await hooks.on(hook)
  for (const [routine, args] of [
    ['signup', { phone: '4915155555551', password }],
    ['otp', { phone: '4915155555552' }],
  ] as const) {
    t.match(await ask(routine, args), { status: 200 })
    const [before] = await hooks.heard('before_user_created')
    t.match(before?.user, {
      role: '',
      email: '',
      phone: args.phone,
      app_metadata: { provider: 'phone', providers: ['phone'] },
    })
    t.match(await hooks.heard('after_user_created'), [
      { user: { id: before?.user.id, phone: args.phone, role: 'authenticated' } },
    ])
  }
  await hooks.on('after_user_created', `return '{"error": {"message": "who is that"}}';`)
  for (const [routine, args] of [
    ['signup', { phone: '4915155555553', password }],
    ['otp', { phone: '4915155555554' }],
  ] as const) {
    t.same(await ask(routine, args), refusal(500, 'unexpected_failure', 'Error invoking hook'))
    t.equal((await sql`select from auth.users where phone = ${args.phone}`).length, 1)
  }
})
