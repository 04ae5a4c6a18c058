// How often an address is mailed.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, join, rows, settings, sql, timePasses } = await openUsers(t)
const tooSoon = (seconds: number) =>
  refusal(
    429,
    'over_email_send_rate_limit',
    `For security purposes, you can only request this after ${seconds} seconds.`,
  )

/** Cools down within one transaction, so that no time passes between. */
async function coolDown(address: string, purpose = 'recovery') {
  return sql`select auth_private.cool_down(${address}, ${purpose})`.then(
    () => 'passed',
    (error) => error.message,
  )
}

t.test('an address waits a minute between mails, and no longer', async (t) => {
  const wait = [59.5, 30, 8.2]
  for (const [place, left] of wait.entries()) {
    const address = `${place}@example.com`
    t.equal(await coolDown(address), 'passed')
    await timePasses(`${60 - left} seconds`)
    const seconds = /after (\d+) seconds/.exec(await coolDown(address))?.[1]
    t.ok(Number(seconds) <= left && Number(seconds) >= left - 6, `${seconds} of ${left}`)
    await timePasses(`${left + 0.1} seconds`)
    t.equal(await coolDown(address), 'passed')
  }
})

t.test('a refused mail does not begin the wait anew', async (t) => {
  t.equal(await coolDown('patient@example.com'), 'passed')
  for (let n = 0; n < 3; n++) {
    await timePasses('19 seconds')
    t.match(await coolDown('patient@example.com'), /after/)
  }
  await timePasses('4 seconds')
  t.equal(await coolDown('patient@example.com'), 'passed')
})

t.test('addresses and purposes wait apart', async (t) => {
  for (const address of ['a@example.com', 'b@example.com']) {
    for (const purpose of ['signup', 'recovery']) {
      t.equal(await coolDown(address, purpose), 'passed')
    }
  }
})

t.test('the settings say how long', async (t) => {
  await settings({ smtp_max_frequency: '1h' })
  t.equal(await coolDown('hour@example.com'), 'passed')
  await timePasses('30 minutes')
  t.match(await coolDown('hour@example.com'), /after 1(800|79\d) seconds/)

  await settings({ smtp_max_frequency: '0' })
  for (let n = 0; n < 3; n++) t.equal(await coolDown('hour@example.com'), 'passed')
  await sql.begin(async (sql) => {
    for (let n = 0; n < 2; n++) await sql`select auth_private.cool_down('same@moment', 'signup')`
  })
  await settings({ smtp_max_frequency: '1m' })
})

t.test('old waits are forgotten, so that their number stays small', async (t) => {
  await sql`
    insert into auth_private.cooldowns (address_hash, purpose, sent_at)
    select sha256(n::text::bytea), 'signup', now() - interval '2 minutes'
    from generate_series(1, 1000) n
  `
  const before = await rows()
  for (let n = 0; n < 20; n++) await coolDown(`forget${n}@example.com`)
  t.ok((await rows()).waits! <= before.waits! - 180)
})

t.test('what is refused has sent nothing', async (t) => {
  await join('ann@example.com')
  t.match(await ask('recover', { email: 'ann@example.com' }), { status: 200 })
  const before = await rows()
  const soon = await ask('recover', { email: 'ann@example.com' })
  t.ok([58, 59, 60].some((seconds) => soon.body.msg === tooSoon(seconds).body.msg))
  t.match(soon, { status: 429, body: { code: 429, error_code: 'over_email_send_rate_limit' } })
  t.match(await ask('signup', { email: 'ann@example.com', password }), { status: 200 })
  t.match(await ask('signup', { email: 'ann@example.com', password }), { status: 429 })
  t.match(await rows(), { users: before.users, links: before.links, mails: before.mails! + 1 })
})
