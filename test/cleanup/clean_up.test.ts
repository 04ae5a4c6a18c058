// What has long expired goes, and what is in use stays.

import { pino } from 'pino'
import t from 'tap'
import { startWorker } from '../../worker/worker.ts'
import { until } from '../support/until.ts'
import { openUsers } from '../support/users.ts'

const { ask, join, rows, settings, signIn, sql, workerUrl } = await openUsers(t, {
  external_anonymous_users_enabled: true,
})
const cleanUp = async () => (await sql`select auth_private.clean_up() as removed`)[0]?.removed
const challenge = { code_challenge: 'x'.repeat(43), code_challenge_method: 's256' }

await join('ann@example.com')
await ask('signup', {})
await ask('recover', { email: 'ann@example.com', ...challenge })
await sql`
  insert into auth.refresh_tokens (token, user_id, session_id, revoked, updated_at)
  select 'aaaaaaaaaaaa', user_id, id, true, now() from auth.sessions limit 1
`
const all = await rows()
t.match(all, { users: 2, sessions: 2, flows: 1 })

t.test('nothing goes without the setting', async (t) => {
  await sql`update auth.flow_state set created_at = now() - interval '1 year'`
  t.equal(await cleanUp(), 0)
  t.same(await rows(), all)
  await sql`update auth.flow_state set created_at = now()`
  await settings({ db_cleanup_enabled: true })
})

t.test('nothing goes that is still good', async (t) => {
  await settings({ sessions_timebox: '1h', sessions_inactivity_timeout: '1h' })
  await sql`update auth.sessions set created_at = now() - interval '24 hours'`
  await sql`update auth.users set created_at = now() - interval '29 days'`
  t.equal(await cleanUp(), 0)
  t.same(await rows(), all)
})

t.test('flows and revoked refresh tokens go after a day', async (t) => {
  await sql`update auth.flow_state set created_at = now() - interval '25 hours'`
  await sql`update auth.refresh_tokens set updated_at = now() - interval '25 hours'`
  t.equal(await cleanUp(), 2)
  t.equal((await rows()).flows, 0)
})

t.test('anonymous users go after 30 days, while others stay', async (t) => {
  await sql`update auth.users set created_at = now() - interval '31 days'`
  t.equal(await cleanUp(), 1)
  t.same(await sql`select email from auth.users`, [{ email: 'ann@example.com' }])
})

t.test('sessions go a day after their end', async (t) => {
  await signIn('ann@example.com')
  const past = (column: string, interval: string) => sql`
    update auth.sessions
    set ${sql(column)} = now() - ${interval}::interval
    where id = (select id from auth.sessions order by created_at desc limit 1)
  `
  await sql`delete from auth.sessions where created_at < now() - interval '1 hour'`
  await past('created_at', '26 hours')
  t.equal(await cleanUp(), 1, 'past the timebox')

  await signIn('ann@example.com')
  await past('not_after', '71 hours')
  t.equal(await cleanUp(), 0)
  await past('not_after', '73 hours')
  t.equal(await cleanUp(), 1, 'past not_after')
})

t.test('a worker does it by itself', async (t) => {
  await ask('recover', { email: 'ann@example.com', ...challenge })
  await sql`delete from auth_private.cooldowns`
  await ask('recover', { email: 'ann@example.com', ...challenge })
  await sql`update auth.flow_state set created_at = now() - interval '25 hours'`
  t.not((await rows()).flows, 0)
  const worker = await startWorker({
    databaseUrl: workerUrl,
    smtp: { host: '127.0.0.1', port: 1, adminEmail: 'auth@example.com' },
    log: pino({ level: 'silent' }),
  })
  t.teardown(() => worker.close())
  await until(async () => (await rows()).flows === 0)
})
