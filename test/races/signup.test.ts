// Sign-ups of one address side by side: one user, and nobody sees an error but the wait.

import t from 'tap'
import { openPlayer } from '../support/player.ts'
import { faceless, openDoor, openUsers, password, refusal } from '../support/users.ts'

const { connect, gatewayUrl, mailTo, settings, sql } = await openUsers(t)
const player = () => openPlayer(connect(gatewayUrl), sql)
const tooSoon = refusal(
  429,
  'over_email_send_rate_limit',
  'For security purposes, you can only request this after some seconds.',
)

async function usersOf(email: string): Promise<number> {
  const [row] = await sql`select count(*)::integer from auth.users where email = ${email}`
  return row?.count
}
const crowd = (size: number) => Array.from({ length: size }, () => openDoor(connect(gatewayUrl)))

t.test('twenty sign-ups of one address make one user and one mail', async (t) => {
  const email = 'ann@example.com'
  const answers = await Promise.all(
    crowd(20).map((door, n) => door('signup', { email, password: `password ${n}` })),
  )
  const [welcome, ...others] = answers.sort((a, b) => a.status - b.status)
  t.match(welcome, { status: 200, body: { email } })
  for (const other of others) t.same(faceless(other), tooSoon)
  t.equal(await usersOf(email), 1)
  const mails = await sql`select from auth_private.outbox where recipient = ${email}`
  t.equal(mails.length, 1)
})

t.test('without a wait all are answered alike, and the newest mail counts', async (t) => {
  await settings({ smtp_max_frequency: '0' })
  const email = 'bob@example.com'
  const answers = await Promise.all(crowd(10).map((door) => door('signup', { email, password })))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  t.equal(await usersOf(email), 1)
  await settings({ smtp_max_frequency: '1m' })
})

t.test('who comes second waits, and is told to wait', async (t) => {
  const email = 'cid@example.com'
  const [first, second] = [await player(), await player()]
  await first.begin()
  t.match(await first.ask('signup', { email, password }), { status: 200 })
  const later = second.ask('signup', { email, password: 'another password' })
  await second.isHeldUp()
  await first.commit()
  t.same(faceless(await later), tooSoon)
})

t.test('who comes second is the user, where the first came to nothing', async (t) => {
  const email = 'dan@example.com'
  const [first, second] = [await player(), await player()]
  await first.begin()
  await first.ask('signup', { email, password, data: { name: 'first' } })
  const later = second.ask('signup', { email, password, data: { name: 'second' } })
  await second.isHeldUp()
  await first.rollback()
  t.match(await later, { status: 200, body: { user_metadata: { name: 'second' } } })
  t.match((await mailTo(email)).Data, { name: 'second' })
  t.equal(await usersOf(email), 1)
})

t.test('asking for a code while signing up goes well in either order', async (t) => {
  for (const order of ['sign-up first', 'code first']) {
    const email = `${order.replace(' ', '')}@example.com`
    const [one, two] = [await player(), await player()]
    const [first, second] = order === 'sign-up first' ? ['signup', 'otp'] : ['otp', 'signup']
    await one.begin()
    t.match(await one.ask(first, { email, password }), { status: 200 }, order)
    const later = two.ask(second, { email, password })
    await two.isHeldUp()
    await one.commit()
    t.match(await later, { status: 200 }, order)
    t.equal(await usersOf(email), 1, order)
  }
})

t.test('with autoconfirm one gets a session, and the others learn that it is taken', async (t) => {
  await settings({ mailer_autoconfirm: true })
  const email = 'eve@example.com'
  const answers = await Promise.all(crowd(10).map((door) => door('signup', { email, password })))
  const [welcome, ...others] = answers.sort((a, b) => a.status - b.status)
  t.match(welcome, { status: 200, body: { access_token: String } })
  for (const other of others) {
    t.same(other, refusal(422, 'user_already_exists', 'User already registered'))
  }
  t.equal(await usersOf(email), 1)
})
