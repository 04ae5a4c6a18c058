// S-13: the refresh token before the last is good as long as the last was not used; an older one
// ends the session, for good: the memory is rows, on disk.

import t from 'tap'
import { openUsers, refusal } from '../support/users.ts'

const { ask, join, sql } = await openUsers(t)
const next = async (refresh_token: string) => {
  const { status, body } = await ask('refresh', { refresh_token })
  return { status, token: body.refresh_token as string, body }
}

t.test('a lost answer is repeated, and the client goes on', async (t) => {
  const { refresh_token: first } = await join('ann@example.com')
  const second = await next(first)
  t.match(await next(first), { status: 200, token: second.token })
  t.match(await next(second.token), { status: 200 })
})

t.test('an older token ends the session, and that outlives the refusal', async (t) => {
  const { refresh_token: first } = await join('bob@example.com')
  const second = await next(first)
  const third = await next(second.token)
  t.match(await next(first), {
    status: 400,
    body: { error_code: 'refresh_token_already_used' },
  })
  const ended = refusal(
    400,
    'refresh_token_not_found',
    'Invalid Refresh Token: Refresh Token Not Found',
  )
  for (const token of [first, second.token, third.token]) {
    t.same(await ask('refresh', { refresh_token: token }), ended)
  }
})

t.test('nothing that is remembered is lost by a crash or missing on a standby', async (t) => {
  const unlogged = await sql`
    select c.oid::regclass::text as name
    from pg_class c
    where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and c.relpersistence <> 'p'
      -- Markers that are counted and gone by the end of their transaction, and a hint for nudges.
      and c.relname !~ '^(sends|worker_awake)'
  `
  t.same(unlogged, [])
  const off = await sql`
    select setrole::regrole::text as role, setconfig from pg_db_role_setting
    where setconfig::text ~ 'synchronous_commit'
  `
  t.same(off, [])
})
