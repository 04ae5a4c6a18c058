// S-32: passwords are hashed so many at a time. A flood of sign-ins waits in a line of its own, the
// line has an end, and nobody else is kept waiting.

import { availableParallelism } from 'node:os'
import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const session = await (
  await fetch(`${stack.api}/signup`, {
    method: 'POST',
    body: JSON.stringify({ email: 'ann@example.com', password: 'correct horse battery' }),
  })
).json()

t.test('a flood is told to wait, while a session refreshes at once', async (t) => {
  const cores = availableParallelism()
  const line = 50 * cores
  const body = JSON.stringify({ email: 'nobody@example.com', password: 'wrong' })
  const flood = Array.from({ length: line + 100 }, async () => {
    const answer = await fetch(`${stack.api}/token?grant_type=password`, { method: 'POST', body })
    return { status: answer.status, after: answer.headers.get('retry-after') }
  })
  const began = performance.now()
  const refreshed = await fetch(`${stack.api}/token?grant_type=refresh_token`, {
    method: 'POST',
    body: JSON.stringify({ refresh_token: session.refresh_token }),
  })
  const whileFlooded = performance.now() - began
  t.equal(refreshed.status, 200)

  const answers = await Promise.all(flood)
  const whole = performance.now() - began
  const told = answers.filter(({ status }) => status === 429)
  t.same(new Set(answers.map(({ status }) => status)), new Set([400, 429]))
  t.ok(told.length > 0, `${told.length} are told to wait`)
  t.same(new Set(told.map(({ after }) => after)), new Set(['1']))
  t.ok(whileFlooded < whole / 2, 'the refresh did not stand in the line')

  // One hash needs a connection of its own, and there are only so many for them.
  const [most] = await stack.sql`
    select count(*)::integer as n from pg_stat_activity
    where usename = 'authenticator' and datname = current_database()
  `
  t.ok(most?.n <= cores + 10 + 2)
})
