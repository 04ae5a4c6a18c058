// The number of users that is kept is always the number of users.

import type { Sql, TransactionSql } from 'postgres'
import t from 'tap'
import { openUsers } from '../support/users.ts'

const { sql, url, connect } = await openUsers(t)

/** What is kept and what is there, of the audience that is listed. */
async function numbers() {
  const [row] = await sql<{ kept: number; there: number; rows: number }[]>`
    select
      (select coalesce(sum(change), 0)::integer from auth_private.user_counts
        where aud = 'authenticated') as kept,
      (select count(*)::integer from auth_private.listed_users('authenticated', null)) as there,
      (select count(*)::integer from auth_private.user_counts) as rows
  `
  return row ?? { kept: NaN, there: NaN, rows: NaN }
}
const add = (db: Sql | TransactionSql, from: number, to: number, aud = 'authenticated') => db`
  insert into auth.users (id, aud, email)
  select gen_random_uuid(), ${aud}, 'user' || n || '@example.com'
  from generate_series(${from}::integer, ${to}::integer) n
`

t.test('follows who comes, goes and moves', async (t) => {
  await add(sql, 1, 10)
  t.match(await numbers(), { kept: 10, there: 10 })
  await sql`delete from auth.users where email in ('user1@example.com', 'user2@example.com')`
  t.match(await numbers(), { kept: 8, there: 8 })
  await sql`update auth.users set aud = 'elsewhere' where email = 'user3@example.com'`
  await sql`update auth.users set aud = null where email = 'user4@example.com'`
  await sql`
    update auth.users set instance_id = gen_random_uuid() where email = 'user5@example.com'
  `
  t.match(await numbers(), { kept: 5, there: 5 })
  await sql`update auth.users set aud = 'authenticated', instance_id = null`
  t.match(await numbers(), { kept: 8, there: 8 })
  await sql`truncate auth.users cascade`
  t.match(await numbers(), { kept: 0, there: 0 })
})

t.test('what is rolled back was never counted', async (t) => {
  const undone = sql.begin(async (sql) => {
    await add(sql, 1, 3)
    throw new Error('no')
  })
  await t.rejects(undone, { message: 'no' })
  t.match(await numbers(), { kept: 0, there: 0 })
})

t.test('folds while others come, and nobody waits', async (t) => {
  for (let n = 1; n <= 20; n++) await add(sql, n, n)
  const other = connect(url)
  await other`begin`
  await add(other, 21, 25)
  await sql`set lock_timeout = '5s'`
  await sql`select auth_private.fold_user_counts()`
  t.match(await numbers(), { kept: 20, there: 20, rows: 1 })
  await other`select auth_private.fold_user_counts()`
  await other`commit`
  t.match(await numbers(), { kept: 25, there: 25, rows: 1 })
})

t.test('is mended where the triggers were off', async (t) => {
  const importer = connect(url)
  await importer`set session_replication_role = replica`
  await add(importer, 100, 109)
  t.match(await numbers(), { kept: 25, there: 35 })
  await sql`select auth_private.recount_users()`
  t.match(await numbers(), { kept: 35, there: 35 })
  await sql`select auth_private.recount_users()`
  t.match(await numbers(), { kept: 35, there: 35 })
})
