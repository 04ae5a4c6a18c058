// Addresses that nobody can have, where mailer_email_validation_extended refuses them.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, rows, settings, sql } = await openUsers(t, { smtp_max_frequency: '0' })
const service = { claims: { role: 'service_role' } }
const invalid = (address: string) =>
  refusal(400, 'email_address_invalid', `Email address "${address}" is invalid`)

t.test(
  'knows fake addresses, domains of examples and Gmail names that are too short',
  async (t) => {
    const cases: Record<string, boolean> = {
      'ann@proton.me': false,
      'ann@example.com': true,
      'ann@mail.example.com': false,
      'Ann@EXAMPLE.ORG': true,
      'ann@app.test': true,
      'ann@test': true,
      'ann@contest': false,
      'ann@localhost': true,
      'ann@printer.local': true,
      'ann@x.invalid': true,
      'ann@my.example': true,
      'test@gmail.com': true,
      'test@email.com': true,
      'abcde@gmail.com': true,
      'abcde+label@gmail.com': true,
      'abcdef@gmail.com': false,
      'abcde@googlemail.com': false,
      'ann@gamil.com': true,
    }
    for (const [address, fake] of Object.entries(cases)) {
      const [row] = await sql`select auth_private.is_fake_email(${address}) as fake`
      t.equal(row?.fake, fake, address)
    }
  },
)

t.test('without the setting they get mail', async (t) => {
  t.match(await ask('signup', { email: 'early@example.com', password }), { status: 200 })
})

t.test('with it, asking for mail to them is refused, and nothing is left', async (t) => {
  await settings({ mailer_email_validation_extended: true })
  const before = await rows()
  const email = 'fay@example.com'
  for (const [routine, args, from] of [
    ['signup', { email, password }],
    ['otp', { email }],
    ['magiclink', { email }],
    ['invite', { email }, service],
  ] as const) {
    t.same(await ask(routine, args, from), invalid(email), routine)
  }
  t.same(await rows(), before)
  t.match(await ask('signup', { email: 'fay@proton.me', password }), { status: 200 })
})

t.test('known and unknown addresses are refused alike', async (t) => {
  const of = async (email: string) => {
    const { status, body, headers } = await ask('recover', { email })
    return { status, headers, body: JSON.stringify(body).replaceAll(email, 'ADDRESS') }
  }
  const known = await of('early@example.com')
  t.equal(known.status, 400)
  t.same(await of('nobody@example.com'), known)
})

t.test('who gets no mail is not asked: autoconfirm, and the hook decides by itself', async (t) => {
  await settings({ mailer_autoconfirm: true })
  t.match(await ask('signup', { email: 'gus@example.com', password }), { status: 200 })
  await settings({
    mailer_autoconfirm: false,
    hook_send_email_enabled: true,
    hook_send_email_uri: 'https://example.com/hook',
  })
  t.match(await ask('signup', { email: 'hal@example.com', password }), { status: 200 })
})
