// S-32: passwords are hashed so many at a time. A flood of sign-ups waits in a line of its own, the
// line has an end, and nobody else is kept waiting.

import { availableParallelism } from 'node:os'
import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true, api_max_request_duration: '10min' })
const { api, sql, until } = stack
const post = (path: string, body: object) =>
  fetch(api + path, { method: 'POST', body: JSON.stringify(body) })
const password = 'correct horse battery'
const session = await (await post('/signup', { email: 'ann@example.com', password })).json()

t.test('a flood is told to wait, while a session refreshes', async (t) => {
  // Who signs up waits for a lock of ours, so that the lane is full for as long as we want.
  await sql.unsafe(`
    create function public.wait_for_test() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(4711);
      return new;
    end $$;
    create trigger wait_for_test before insert on auth.users for each row
      execute function public.wait_for_test();
  `)
  const holder = await sql.reserve()
  await holder`select pg_advisory_lock(4711)`
  let released = false
  const release = async () => {
    released = true
    await holder`select pg_advisory_unlock_all()`
    holder.release()
  }
  // Also where this fails: the gateway does not stop before everybody is answered.
  t.teardown(() => released || release())

  const cores = availableParallelism()
  const room = cores + 50 * cores
  const answers: { status: number; after: string | null }[] = []
  const flood = Array.from({ length: room + 20 }, async (_, place) => {
    const { status, headers } = await post('/signup', { email: `p${place}@example.com`, password })
    answers.push({ status, after: headers.get('retry-after') })
  })
  await until(() => answers.length >= 20)
  const refreshed = await post('/token?grant_type=refresh_token', {
    refresh_token: session.refresh_token,
  })
  t.equal(refreshed.status, 200, 'the refresh does not stand in the line')
  const told = Array.from({ length: 20 }, () => ({ status: 429, after: '1' }))
  t.same(answers, told, 'and is answered before all those for whom there is room')

  // Each hash needs a connection of its own, and there are only so many for them.
  const [most] = await sql`
    select count(*)::integer as n from pg_stat_activity
    where usename = 'authenticator' and datname = current_database()
  `
  t.ok(most?.n <= cores + 10 + 2)

  await release()
  await Promise.all(flood)
  t.equal(answers.filter(({ status }) => status === 200).length, room, 'they all get through')
})
