// When mail wakes a worker, and when it need not.

import t from 'tap'
import { until } from '../support/until.ts'
import { openPostOffice } from './post_office.ts'

t.test('a request nudges nobody who looks anyway', async (t) => {
  const { db, queue } = await openPostOffice(t)
  const heard: string[] = []
  await db.sql.listen('pgtrue_outbox', (payload) => heard.push(payload))
  /** How many nudges a mail gave, queued by a request or by somebody in psql. */
  async function nudges(request: boolean): Promise<number> {
    await db.sql`select pg_notify('pgtrue_outbox', 'the beginning')`
    await db.sql.begin(async (sql) => {
      if (request) await sql`select set_config('request.method', 'POST', true)`
      await sql`insert into auth_private.outbox (kind, recipient) values ('invite', 'ann@example.com')`
    })
    await db.sql`select pg_notify('pgtrue_outbox', 'the end')`
    await until(() => heard.includes('the end'))
    // Notifications come in the order of the commits.
    const all = heard.splice(0)
    return all.slice(all.indexOf('the beginning') + 1, all.indexOf('the end')).length
  }
  const claim = (batch: number) =>
    db.sql`select from auth_private.claim_mail(${batch}, interval '1 minute')`

  t.equal(await nudges(true), 1, 'nobody is awake')
  for (let n = 0; n < 5; n++) await queue('ben@example.com')
  await claim(4)
  t.equal(await nudges(true), 1, 'nobody has much to do')
  for (let n = 0; n < 5; n++) await queue('ben@example.com')
  await claim(5)
  t.equal(await nudges(true), 0, 'a worker has much to do')
  t.equal(await nudges(false), 1, 'a transaction of a person may take its time')
  await db.sql`update auth_private.worker_awake set until = until - interval '2 seconds'`
  t.equal(await nudges(true), 1, 'it soon has not')
})

t.test('what comes without a nudge is sent all the same', async (t) => {
  const office = await openPostOffice(t)
  await office.work()
  await office.sql`
    insert into auth_private.outbox (kind, recipient)
    select 'invite', 'many@example.com' from generate_series(1, 9)
  `
  await office.next('many@example.com')
  await office.sql`alter table auth_private.outbox disable trigger nudge_worker`
  await office.queue('late@example.com')
  t.ok(await office.next('late@example.com'))
})
