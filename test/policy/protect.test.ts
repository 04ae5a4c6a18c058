// One call that makes the rows of a table their owner's.

import t from 'tap'
import { openUsers } from '../support/users.ts'

const { sql, join } = await openUsers(t)
await join('ann@example.com')
await join('bob@example.com')
const as = (who: string, statement: string) =>
  sql.begin(async (sql) => {
    await sql`select auth.act_as(${who})`
    return [...(await sql.unsafe(statement))]
  })

t.test(
  'writes the usual policies, in the fast form, with the index, and shows what it did',
  async (t) => {
    await sql`
    create table notes (
      id bigint generated always as identity primary key,
      user_id uuid not null default auth.uid() references auth.users on delete cascade,
      body text
    )
  `
    const own = '((select auth.uid()) = user_id)'
    const done = await sql`select auth.protect('notes', owner => 'user_id') as statement`
    t.same(
      done.map(({ statement }) => statement),
      [
        'alter table public.notes enable row level security;',
        'create index on public.notes (user_id);',
        `create policy select_own on public.notes for select to authenticated using ${own};`,
        `create policy insert_own on public.notes for insert to authenticated with check ${own};`,
        `create policy update_own on public.notes for update to authenticated using ${own} with check ${own};`,
        `create policy delete_own on public.notes for delete to authenticated using ${own};`,
        'grant select, insert, update, delete on public.notes to authenticated;',
      ],
    )
    t.same([...(await sql`select * from auth.lint()`)], [])
  },
)

t.test('from then on everybody reads and writes rows of her own, and no others', async (t) => {
  const [bob] = await sql`select id from auth.users where email = 'bob@example.com'`
  await as('ann@example.com', "insert into notes (body) values ('hers')")
  await as('bob@example.com', "insert into notes (body) values ('his')")

  t.same(await as('ann@example.com', 'select body from notes'), [{ body: 'hers' }])
  await t.rejects(
    as('ann@example.com', `insert into notes (body, user_id) values ('x', '${bob?.id}')`),
    { code: '42501' },
  )
  await t.rejects(as('ann@example.com', `update notes set user_id = '${bob?.id}'`), {
    code: '42501',
  })
  t.same(await as('ann@example.com', "update notes set body = 'new' returning body"), [
    { body: 'new' },
  ])
  t.same(await as('ann@example.com', 'delete from notes returning body'), [{ body: 'new' }])
  t.same(await as('bob@example.com', 'select body from notes'), [{ body: 'his' }])
})

t.test('can be said again, and finds the index that is there', async (t) => {
  const [{ before } = {}] = await sql`
    select count(*) as before from pg_index where indrelid = 'notes'::regclass
  `
  await sql`select auth.protect('notes')`
  const [{ after } = {}] = await sql`
    select count(*) as after from pg_index where indrelid = 'notes'::regclass
  `
  t.equal(after, before)
  const policies = await sql`select from pg_policy where polrelid = 'notes'::regclass`
  t.equal(policies.length, 4)
})

t.test('takes names as they are', async (t) => {
  await sql`create schema "My schema"`
  await sql`create table "My schema"."50% ""off""" ("The %owner" uuid)`
  await sql`select auth.protect('"My schema"."50% ""off"""', owner => 'The %owner')`
  const policies = await sql`
    select from pg_policy where polrelid = '"My schema"."50% ""off"""'::regclass
  `
  t.equal(policies.length, 4)
})

t.test('refuses a column that is none, or that no user’s id fits in', async (t) => {
  await sql`create table things (id bigint)`
  const refusals: [string, string, string][] = [
    ['things', 'user_id', 'Table public.things has no column "user_id"'],
    ['things', 'ctid', 'Table public.things has no column "ctid"'],
    [
      'things',
      'id',
      'Column "id" of table public.things is of type bigint, and the id of a user is a uuid',
    ],
  ]
  for (const [table, owner, message] of refusals) {
    await t.rejects(sql`select auth.protect(${table}::text::regclass, ${owner})`, {
      code: 'PT400',
      detail: 'validation_failed',
      message,
    })
  }
  const [{ relrowsecurity } = {}] = await sql`
    select relrowsecurity from pg_class where oid = 'things'::regclass
  `
  t.equal(relrowsecurity, false)
})

t.test('is for who may alter the table', async (t) => {
  await t.rejects(as('ann@example.com', "select auth.protect('notes')"), { code: '42501' })
})
