// What is told of a telephone number: two answers compared with each other.

import t from 'tap'
import { faceless, openUsers, password } from '../support/users.ts'

const { ask, ban, joinByPhone, rows, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  sms_provider: 'messagebird',
})
const known = '4915112345678'
const unconfirmed = '4915112345679'
await joinByPhone(known, { data: { secret: 'hers' } })
await ask('signup', { phone: unconfirmed, password })
await joinByPhone('4915112345670')
await sql`update auth.users set email = 'banned@example.com' where phone = '4915112345670'`
await ban('banned@example.com')
await timePasses('61 seconds')

/** What asking three times, the last after a minute, answers, and how much is queued. */
async function attempts(routine: string, args: Record<string, string>) {
  const before = (await rows()).mails!
  const first = await ask(routine, args)
  const second = faceless(await ask(routine, args))
  await timePasses('61 seconds')
  const third = await ask(routine, args)
  await timePasses('61 seconds')
  return { first, second, third: faceless(third), mails: (await rows()).mails! - before }
}

t.test('signing up does not tell, but by the identities', async (t) => {
  const old = await attempts('signup', { phone: known, password })
  const fresh = await attempts('signup', { phone: '4915100000001', password })
  t.equal(fresh.first.body.identities.length, 1)
  const { status, headers, body } = faceless(fresh.first)
  t.same(faceless(old.first), {
    status,
    headers,
    body: { ...body, role: '', identities: [], user_metadata: {} },
  })
  t.same(old.second, fresh.second)
  t.match(old.second, { status: 429 })
  t.equal(old.mails, fresh.mails)
  t.same(await sql`select from auth.users where id = ${old.first.body.id}`, [])
})

t.test('asking for a code does not tell', async (t) => {
  const { first, ...others } = await attempts('otp', { phone: '4915100000002' })
  t.match([first, others.second], [{ status: 200, body: {} }, { status: 429 }])
  for (const phone of [known, unconfirmed, '4915112345670']) {
    t.same(await attempts('otp', { phone }), { first, ...others }, phone)
  }
})

for (const type of ['sms', 'phone_change']) {
  t.test(`resending ${type} does not tell`, async (t) => {
    const { first, ...others } = await attempts('resend', { type, phone: '4915100000003' })
    t.match([first, others.second], [{ status: 200, body: {} }, { status: 429 }])
    for (const phone of [known, unconfirmed]) {
      t.same(await attempts('resend', { type, phone }), { first, ...others }, phone)
    }
  })
}

t.test('a wrong password and a wrong code do not tell', async (t) => {
  const wrong = (phone: string) => ask('signin', { phone, password: 'wrong' })
  t.same(await wrong(known), await wrong('4915100000009'))
  const guess = (phone: string) => ask('verify', { type: 'sms', phone, token: 'no code' })
  t.same(await guess(known), await guess('4915100000009'))
})

t.test('a number of another audience is answered like a known one, and gets nothing', async (t) => {
  const there = { headers: { 'x-jwt-aud': 'elsewhere' } }
  const sent = async () =>
    sql`select from auth_private.outbox where recipient = ${known} and kind <> 'decoy'`
  const before = (await sent()).length
  t.same(await ask('otp', { phone: known }, there), { status: 200, headers: {}, body: {} })
  await timePasses('61 seconds')
  t.match(await ask('signup', { phone: known, password }, there), {
    status: 200,
    body: { aud: 'elsewhere', phone: known, identities: [] },
  })
  t.equal((await sent()).length, before)
  t.same(await sql`select from auth.users where aud = 'elsewhere'`, [])
})
