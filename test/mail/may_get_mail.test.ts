// Instances that write to certain people only.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, join, rows, settings, sql } = await openUsers(t, {
  smtp_max_frequency: '0',
  external_anonymous_users_enabled: true,
})

const service = { claims: { role: 'service_role' } }
const refused = (address: string) =>
  refusal(
    400,
    'email_address_not_authorized',
    `Email address "${address}" cannot be used as it is not authorized`,
  )

const ann = await join('ann@example.com')
await ask('signup', { email: 'new@example.com', password })

t.test('only addresses of the list get mail; a label and the case do not matter', async (t) => {
  await settings({ external_email_authorized_addresses: 'Dan@Example.com, eve+x@example.com' })
  const cases = {
    'dan@example.com': true,
    'DAN@example.COM': true,
    'dan+test@example.com': true,
    'dan+a+b@example.com': true,
    'eve+x@example.com': true,
    'eve@example.com': false,
    'eve+y@example.com': false,
    'dan@example.com.evil.example': false,
    'dan+x@evil.example': false,
    'adan@example.com': false,
    'dan@evil.example+@example.com': false,
  }
  for (const [address, expected] of Object.entries(cases)) {
    const [row] = await sql`select auth_private.may_get_mail(${address}) as may`
    t.equal(row?.may, expected, address)
  }
})

t.test('signs up who is on the list', async (t) => {
  const answer = await ask('signup', { email: 'dan+1@example.com', password })
  t.match(answer, { status: 200, body: { email: 'dan+1@example.com' } })
})

t.test('nobody else, and nothing is left behind', async (t) => {
  const before = await rows()
  const { body } = await ask('signup', {})
  const ghost = { as: body as never }
  for (const [routine, args, from] of [
    ['signup', { email: 'fay@example.com', password }],
    ['otp', { email: 'fay@example.com' }],
    ['magiclink', { email: 'fay@example.com' }],
    ['invite', { email: 'fay@example.com' }, service],
    ['update_user', { email: 'fay@example.com' }, ghost],
  ] as const) {
    t.same(await ask(routine, args, from), refused('fay@example.com'), routine)
  }
  t.same(await ask('reauthenticate', {}, { as: ann }), refused('ann@example.com'))
  t.same(await rows(), { ...before, users: 1 + before.users!, sessions: 1 + before.sessions! })
})

t.test('it does not tell who has an account', async (t) => {
  for (const [routine, more] of [
    ['signup', { password }],
    ['otp', {}],
    ['magiclink', {}],
    ['recover', {}],
    ['resend', { type: 'signup' }],
    ['resend', { type: 'email_change' }],
  ] as const) {
    const answers = []
    for (const name of ['ann', 'new', 'fay']) {
      const answer = await ask(routine, { email: `${name}@example.com`, ...more })
      answers.push(JSON.stringify(answer).replaceAll(`${name}@`, 'someone@'))
    }
    t.match(answers[0], /email_address_not_authorized/)
    t.same(answers, Array(3).fill(answers[0]), routine)
  }
})

t.test('what sends no mail needs no permission', async (t) => {
  await settings({ mailer_autoconfirm: true })
  t.match(await ask('signup', { email: 'gil@example.com', password }), { status: 200 })
  t.match(await ask('signin', { email: 'ann@example.com', password }), { status: 200 })
  const link = { type: 'recovery', email: 'ann@example.com' }
  t.match(await ask('admin_generate_link', link, service), { status: 200 })
})
