// S-30: an event and its audit row stand or fall together, and what was written stays: no function
// that anybody may call changes or removes a row.

import t from 'tap'
import { openRoles, refused } from '../support/roles.ts'
import { openUsers, password } from '../support/users.ts'

const users = await openUsers(t, { smtp_max_frequency: '0' })
const { ask, ban, connect, join, mailTo, signIn, signUp, sql, url } = users
const admin = { claims: { role: 'service_role' } }
const written = () => sql`select * from auth.audit_log_entries order by id`

t.test('what is rolled back did not happen, and is not in the log', async (t) => {
  const owner = connect(url)
  const before = (await written()).length
  await owner.unsafe('begin')
  await owner`select auth.signup('gone@example.com', ${password})`
  const [inside] = await owner`select count(*)::integer as n from auth.audit_log_entries`
  t.ok(inside?.n > before)
  await owner.unsafe('rollback')
  t.equal((await written()).length, before)
})

t.test('whatever happens to a user, what was written about her stays as it was', async (t) => {
  const email = 'ann@example.com'
  const { user } = await join(email)
  let log = await written()
  t.ok(log.length > 1)
  const acts: [string, () => Promise<unknown>][] = [
    ['signing in', () => signIn(email)],
    ['a wrong password', () => ask('signin', { email, password: 'wrong' })],
    [
      'a change',
      async () => ask('update_user', { data: { name: 'Ann' } }, { as: await signIn(email) }),
    ],
    [
      'a recovery',
      async () => {
        await ask('recover', { email })
        return ask('verify', { type: 'recovery', token_hash: (await mailTo(email)).TokenHash })
      },
    ],
    ['signing up again', () => ask('signup', { email, password })],
    ['signing out', async () => ask('signout', {}, { as: await signIn(email) })],
    ['another sign-up', () => signUp('bob@example.com')],
    ['a ban', () => ban(email)],
    [
      'an admin’s change',
      () => ask('admin_update_user', { user_id: user.id, ban_duration: 'none' }, admin),
    ],
    [
      'a soft deletion',
      () => ask('admin_delete_user', { user_id: user.id, should_soft_delete: true }, admin),
    ],
    ['a deletion', () => ask('admin_delete_user', { user_id: user.id }, admin)],
  ]
  for (const [act, happen] of acts) {
    await happen()
    const now = await written()
    const kept = log.filter(({ id }) => now.some((row) => row.id === id))
    t.equal(kept.length, log.length, `${act} removes nothing`)
    t.same(
      now.filter(({ id }) => log.some((row) => row.id === id)),
      log,
      `${act} changes nothing`,
    )
    log = now
  }
})

t.test('no code of ours does anything to the log but add to it and read it', async (t) => {
  const changing = await sql`
    select p.oid::regprocedure::text as name
    from pg_proc p
    where p.pronamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)
        ~* '(update|delete\s+from|truncate|merge\s+into)\s+(only\s+)?auth\.audit_log_entries'
  `
  t.same(changing, [])
})

t.test('nobody writes, changes or removes a row by hand', async (t) => {
  for (const { name, sql } of await openRoles(t, users)) {
    for (const statement of [
      "update auth.audit_log_entries set payload = '{}'",
      'delete from auth.audit_log_entries',
      'truncate auth.audit_log_entries',
      'insert into auth.audit_log_entries (id) values (gen_random_uuid())',
    ]) {
      t.match(await refused(sql.unsafe(statement)), /^42501/, `${name}: ${statement}`)
    }
  }
})
