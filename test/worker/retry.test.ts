// Mail that cannot be sent: tried again, or given up where a person can see it.

import t from 'tap'
import { until } from '../support/until.ts'
import { openPostOffice, variables } from './post_office.ts'

const office = await openPostOffice(t)
const { sql } = office

t.beforeEach(async () => {
  await sql`delete from auth_private.outbox`
  office.refuse()
})

t.test('sends it later when the server says "not now"', async (t) => {
  await office.work()
  office.refuse('recipient', 451, '4.7.1 try again later')
  await office.queue('ann@example.com')
  t.match(await office.settled('ann@example.com', 1), {
    parked: false,
    last_error: /^EENVELOPE, RCPT TO, 451 4\.7\.1 try again later/,
  })

  office.refuse()
  await office.letTimePass()
  t.ok(await office.next('ann@example.com'))
  t.equal(await office.settled('ann@example.com', 2), undefined)
})

t.test('a row that becomes due is sent without a nudge', async (t) => {
  office.refuse('message', 421, 'closing')
  await office.queue('ben@example.com')
  await office.settled('ben@example.com', 1)
  office.refuse()
  await sql`update auth_private.outbox set next_attempt_at = now() + interval '300 ms'`
  await office.queue('wakes the timer@example.com', 'decoy')
  t.ok(await office.next('ben@example.com'))
})

t.test('sends it later when the mail server is dead', async (t) => {
  const dead = await openPostOffice(t)
  const worker = await dead.work({ smtp: { ...dead.smtp, port: 1 } })
  await dead.queue('cleo@example.com')
  t.match(await dead.settled('cleo@example.com', 1), { parked: false, last_error: /ECONNREFUSED/ })
  await worker.close()

  await dead.letTimePass()
  await dead.work()
  t.ok(await dead.next('cleo@example.com'))
})

for (const [at, code] of [
  ['recipient', 550],
  ['message', 554],
] as const) {
  t.test(`a ${code} to the ${at} parks it at once`, async (t) => {
    office.refuse(at, code, `5.7.1 I do not like ${variables.ConfirmationURL} or dan@example.com`)
    await office.queue('dan@example.com')
    const row = await office.settled('dan@example.com', 1)
    t.match(row, { attempts: 1, parked: true, last_error: /5\.7\.1 I do not like … or …/ })

    office.refuse()
    await office.letTimePass()
    await office.queue('erin@example.com')
    await office.next('erin@example.com')
    t.notOk(office.received.some((one) => one.to === 'dan@example.com'))
  })
}

t.test('an address that no server can be asked for is parked', async (t) => {
  await office.queue('fay@example.com> <x')
  t.match(await office.settled('fay@example.com> <x', 1), { parked: true })
})

t.test('a kind without any template is parked', async (t) => {
  await office.queue('gus@example.com', 'no_such_kind')
  t.match(await office.settled('gus@example.com', 1), {
    parked: true,
    last_error: 'ENOTEMPLATE, there is no template for no_such_kind',
  })
})

t.test('is parked after the thirtieth attempt, and sent when a person wants it', async (t) => {
  office.refuse('message', 451, 'busy')
  await office.queue('hal@example.com')
  for (let attempt = 1; attempt <= 30; attempt++) {
    const row = await office.settled('hal@example.com', attempt)
    t.equal(row?.parked, attempt === 30, `attempt ${attempt}`)
    if (attempt < 30) await office.letTimePass()
  }

  office.refuse()
  await sql`
    update auth_private.outbox set parked_at = null, attempts = 0, next_attempt_at = now()
  `
  await office.letTimePass()
  t.ok(await office.next('hal@example.com'))
})

t.test('a mail that thirty workers died of is parked', async (t) => {
  await sql`
    insert into auth_private.outbox (kind, recipient, attempts, leased_until)
    values ('recovery', 'ivy@example.com', 30, now())
  `
  await until(async () => {
    const [row] = await sql`select parked_at, last_error from auth_private.outbox`
    return row?.parked_at !== null && /thirty times/.test(row?.last_error)
  })
  t.notOk(office.received.some((one) => one.to === 'ivy@example.com'))
})

t.test('waits 5 s, then twice as long each time, at most an hour', async (t) => {
  const parked = await openPostOffice(t)
  const id = await parked.queue('jo@example.com')
  for (const attempt of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    await parked.letTimePass()
    await parked.sql`select * from auth_private.claim_mail(1, '1 minute')`
    // In one transaction, in which no time passes.
    const [ours, later] = await parked.sql.begin((one) => [
      one`select auth_private.settle_mail(${id}, ${attempt}, 'busy') as ours`,
      one`
        select extract(epoch from next_attempt_at - now())::float8 as seconds
        from auth_private.outbox
      `,
    ])
    const expected = 5 * 2 ** (attempt - 1)
    const seconds = later[0]?.seconds
    t.ok(ours[0]?.ours)
    t.ok(seconds >= 0.8 * expected && seconds <= 1.2 * expected, `${seconds}`)
  }
})

t.test('errors are kept short, without addresses, links and codes, in table and log', async (t) => {
  office.refuse('message', 451, `${variables.Token} ${variables.TokenHash} ${'x'.repeat(2000)}`)
  await office.queue('kim@example.com')
  const row = await office.settled('kim@example.com', 1)
  t.ok((row?.last_error?.length ?? 0) <= 300)
  t.match(row?.last_error, '451 … … xxx')
  t.notMatch(office.logged.join(''), /048213|9f2c41d5|https:|@example\.com/)
})
