// Trying policies by hand, in a user's shoes.

import type { ISql } from 'postgres'
import t from 'tap'
import { openUsers } from '../support/users.ts'

const { join, sql } = await openUsers(t)
const ann = await join('ann@example.com', { data: { name: 'Ann' } })
const bob = await join('bob@example.com')
await sql`create table notes (user_id uuid, title text)`
await sql`alter table notes enable row level security`
await sql`create policy own on notes using (user_id = (select auth.uid()))`
await sql`grant select, insert on notes to anon, authenticated`
await sql`insert into notes values (${ann.user.id}, 'hers'), (${bob.user.id}, 'his')`

async function titles(act: (sql: ISql) => PromiseLike<unknown>): Promise<string[]> {
  return sql.begin(async (sql) => {
    await act(sql)
    return (await sql`select title from notes order by title`).map(({ title }) => title)
  })
}

t.test('puts the transaction in the shoes of a user, by address or id', async (t) => {
  t.same(await titles((sql) => sql`select auth.act_as('ann@example.com')`), ['hers'])
  t.same(await titles((sql) => sql`select auth.act_as('BOB@example.com')`), ['his'])
  t.same(await titles((sql) => sql`select auth.act_as(${ann.user.id.toUpperCase()})`), ['hers'])
  t.same(await titles((sql) => sql`select auth.act_as_anon()`), [])
  t.same(await titles(async () => undefined), ['hers', 'his'], 'only until it ends')
})

t.test('returns the claims that the helpers then read', async (t) => {
  await sql.begin(async (sql) => {
    const [row] = await sql`select auth.act_as('ann@example.com') as claims`
    t.match(row?.claims, {
      sub: ann.user.id,
      role: 'authenticated',
      email: 'ann@example.com',
      aal: 'aal1',
      user_metadata: { name: 'Ann' },
    })
    const [seen] = await sql`
      select auth.uid(), auth.role(), auth.email(), auth.jwt(), auth.session_id(), auth.aal(),
        current_user
    `
    t.same(seen, {
      uid: ann.user.id,
      role: 'authenticated',
      email: 'ann@example.com',
      jwt: row?.claims,
      session_id: null,
      aal: 'aal1',
      current_user: 'authenticated',
    })
    await sql`select auth.update_user(data => '{"name": "Anna"}')`
  })
  const [user] = await sql`
    select raw_user_meta_data ->> 'name' as name from auth.users where id = ${ann.user.id}
  `
  t.equal(user?.name, 'Anna', 'everything that she may do can be done')
})

t.test('a second factor can be pretended', async (t) => {
  await sql.begin(async (sql) => {
    await sql`select auth.act_as('ann@example.com', aal => 'aal2')`
    const [row] = await sql`select auth.aal() as aal`
    t.equal(row?.aal, 'aal2')
  })
})

t.test('a user without a role acts as anon, never as the owner', async (t) => {
  for (const role of ['', null]) {
    await sql`update auth.users set role = ${role} where id = ${bob.user.id}`
    t.same(await titles((sql) => sql`select auth.act_as('bob@example.com')`), ['his'])
    await sql.begin(async (sql) => {
      await sql`select auth.act_as('bob@example.com')`
      const [row] = await sql`select current_user as role`
      t.equal(row?.role, 'anon')
    })
  }
})

t.test('nobody is nobody', async (t) => {
  for (const who of ['eve@example.com', '6b1f6f3e-7a5b-4c27-9c7e-0f7f0d4a1c11', '', '%', null]) {
    await t.rejects(
      sql`select auth.act_as(${who})`,
      {
        code: 'PT404',
        detail: 'user_not_found',
        message: `No user has the email address or id "${who ?? ''}"`,
      },
      String(who),
    )
  }
})

t.test('is for the owner', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role']) {
    for (const call of ["act_as('ann@example.com')", 'act_as_anon()']) {
      const attempt = sql.begin(async (sql) => {
        await sql`set local role ${sql(role)}`
        await sql.unsafe(`select auth.${call}`)
      })
      await t.rejects(attempt, { code: '42501' }, `${role} ${call}`)
    }
  }
})
