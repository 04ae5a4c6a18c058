// A Postgres that is slow, full or out of connections: the gateway says so, keeps a bounded number
// waiting, and is well again afterwards.

import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { openStack } from '../support/stack.ts'
import { until } from '../support/until.ts'

const busy = { status: 503, retryAfter: '1', code: 'unexpected_failure' }
const late = { status: 504, retryAfter: null, code: 'request_timeout' }

async function ask(api: string, email = 'ann@example.com') {
  const response = await fetch(`${api}/recover`, {
    method: 'POST',
    body: JSON.stringify({ email }),
  })
  const body = (await response.json()) as { error_code?: string }
  const retryAfter = response.headers.get('retry-after')
  return { status: response.status, retryAfter, code: body.error_code }
}

async function waiting(api: string): Promise<number> {
  const metrics = await (await fetch(`${api}/metrics`)).text()
  return Number(/^lane_waiting_requests\{lane="quick"\} (\d+)/m.exec(metrics)?.[1])
}

t.test('behind a Postgres that hangs a bounded number waits, and not for long', async (t) => {
  const stack = await openStack(t, { api_max_request_duration: '5s' })
  // Which is read when a gateway starts.
  const log = pino({ level: 'fatal' })
  const gateway = await startGateway({
    databaseUrl: stack.db.gatewayUrl,
    port: 0,
    poolSize: 1,
    log,
  })
  t.teardown(() => gateway.close())
  const api = gateway.url
  const holder = await stack.sql.reserve()
  await holder`begin`
  await holder`lock table auth.users in access exclusive mode`
  const answers = await Promise.all(
    Array.from({ length: 150 }, (_, place) => ask(api, `user${place}@example.com`)),
  )
  t.equal(answers.filter(({ status }) => status === 200).length, 0)
  const refused = answers.filter(({ status }) => status === 503)
  t.same(refused[0], busy)
  t.ok(refused.length > 0, 'those for whom there is no room are told at once to come again')
  t.same(
    answers.find(({ status }) => status === 504),
    late,
    'the others when their time is up',
  )
  t.equal(new Set(answers.map(({ status }) => status)).size, 2)
  t.equal(await waiting(api), 0, 'nobody is left')

  await holder`rollback`
  holder.release()
  t.match(await ask(api), { status: 200 })
})

t.test(
  'statements that fail for lack of space or in a deadlock are worth another try',
  async (t) => {
    const stack = await openStack(t)
    await stack.sql`select auth.signup('ann@example.com', 'correct horse battery')`
    const before = await stack.sql`select id, updated_at from auth.users`
    for (const code of ['53100', '53200', '53300', '40P01', '40001']) {
      await stack.sql.unsafe(`
      create function public.ill() returns trigger language plpgsql as $$
      begin
        raise exception using errcode = '${code}', message = 'could not extend file "base/1/2"';
      end $$;
      create trigger ill before insert on auth.one_time_tokens execute function public.ill();
    `)
      t.same(await ask(stack.api), busy, code)
      await stack.sql`drop function public.ill cascade`
    }
    t.same(
      await stack.sql`select id, updated_at from auth.users`,
      before,
      'and nothing is half done',
    )
    t.match(await ask(stack.api), { status: 200 })
  },
)

t.test(
  'where Postgres has no connection left, the answer is 503, and then all is well',
  async (t) => {
    const stack = await openStack(t)
    const { pathname } = new URL(stack.db.url)
    const allow = (count: number) =>
      stack.sql`alter database ${stack.sql(pathname.slice(1))} connection limit ${stack.sql.unsafe(String(count))}`
    // Nothing is under way that belongs to the opening of a connection.
    t.match(await ask(stack.api, 'early@example.com'), { status: 200 })
    await until(async () => {
      const busy = await stack.sql`
        select from pg_stat_activity
        where usename = 'authenticator' and datname = current_database() and state <> 'idle'
      `
      return busy.length === 0
    })
    await allow(0)
    await stack.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where usename = 'authenticator' and datname = current_database()
  `
    t.same(await ask(stack.api), busy)
    await allow(-1)
    await until(async () => (await ask(stack.api)).status === 200)
  },
)
