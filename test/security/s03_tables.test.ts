// S-03: no table, view or sequence of ours can be read or written by anybody, by any statement.

import type postgres from 'postgres'
import t from 'tap'
import { openRoles, refused } from '../support/roles.ts'
import { openUsers } from '../support/users.ts'

const users = await openUsers(t)
const { join, sql: owner } = users
const roles = await openRoles(t, users)
const { user } = await join('ann@example.com')

const relations = await owner<{ name: string; kind: string; column: string }[]>`
  select c.oid::regclass::text as name, c.relkind as kind, (
      select quote_ident(a.attname) from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
      order by a.attnum limit 1
    ) as column
  from pg_class c
  where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
    and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
`

const attempts = (name: string, column: string) => [
  `select from ${name}`,
  `select count(*) from ${name}`,
  `table ${name} limit 0`,
  `copy ${name} to stdout`,
  `insert into ${name} default values`,
  `update ${name} set ${column} = ${column}`,
  `delete from ${name}`,
  `truncate ${name}`,
  `select from ${name} for key share`,
  `do $$ begin lock table ${name} in access share mode; end $$`,
  `comment on table ${name} is ''`,
  `alter table ${name} disable row level security`,
  `create policy open on ${name} using (true)`,
  `create trigger spy before insert on ${name} execute function suppress_redundant_updates_trigger()`,
  `grant select on ${name} to public`,
  `analyze ${name}`,
]

for (const { name: role, sql, notices } of roles) {
  t.test(`${role} gets at none of them`, async (t) => {
    t.ok(relations.length > 25)
    for (const { name, kind, column } of relations) {
      const statements =
        kind === 'S'
          ? [`select from ${name}`, `select nextval('${name}')`, `select setval('${name}', 1)`]
          : attempts(name, column)
      for (const statement of statements) {
        const answer = await refused(sql.unsafe(statement))
        // ANALYZE warns, and does nothing.
        const warned = notices().some((notice) => /permission denied|skipping/.test(notice))
        if (!answer.startsWith('42501') && !(statement.startsWith('analyze') && warned)) {
          t.fail(`${statement}: ${answer}`)
        }
      }
    }
  })
}

t.test('a foreign key tells nobody who exists', async (t) => {
  const stranger = roles.find(({ name }) => name === 'stranger')!
  const own = 'create table lair.pets (owner uuid references auth.users)'
  t.match(await refused(stranger.sql.unsafe(own)), /^42501/)

  // The application's own table has one, and whoever may insert learns no more than yes or no.
  await owner`create table notes (user_id uuid references auth.users)`
  await owner`grant insert on notes to authenticated`
  const authenticated = roles.find(({ name }) => name === 'authenticated')!
  const nobody = '00000000-0000-4000-8000-000000000000'
  const missing = authenticated.sql`insert into notes values (${nobody})`
  const error = await missing.catch((error: postgres.PostgresError) => error)
  t.match(error, {
    code: '23503',
    detail: /^Key [^@]*is not present in table "users"\.$/,
  })
  t.match(await refused(authenticated.sql`insert into notes values (${user.id})`), 'done')
})

t.test('a view over our tables that the owner has made shows nothing by itself', async (t) => {
  await owner
    .unsafe(
      `
    create view people as select email from auth.users;
    create view mine with (security_invoker) as select email from auth.users;
    grant select on mine to anon, authenticated;
  `,
    )
    .catch(async () => {
      // Before Postgres 15 there is no security_invoker.
      await owner.unsafe('create view people as select email from auth.users')
    })
  for (const { name: role, sql } of roles.filter(({ name }) => /^anon|authenticated$/.test(name))) {
    t.match(await refused(sql`select * from people`), /^42501/, `${role} was not granted it`)
    t.match(await refused(sql`select * from mine`), /^42(501|P01)/, `${role} reads as itself`)
  }
})

t.test('nor does anybody become the owner, or anything else', async (t) => {
  for (const { name: role, sql } of roles) {
    const statements = [
      'set role auth_owner',
      'set session authorization postgres',
      'alter role authenticator superuser',
      'create policy x on auth.users',
      'alter function auth.signin security invoker',
      'create schema auth_2 authorization auth_owner',
      'drop schema auth cascade',
      'create function auth.mine() returns integer language sql return 1',
      'create table auth_private.mine ()',
      "select pg_catalog.pg_read_file('postgresql.conf')",
      "select pg_catalog.lo_import('/etc/passwd')",
      "copy (select 1) to program 'true'",
      "alter system set log_statement = 'all'",
      'select pg_catalog.pg_reload_conf()',
      "load 'auto_explain'",
    ]
    for (const statement of statements) {
      const answer = await refused(sql.unsafe(statement))
      if (answer === 'done') t.fail(`${role}: ${statement} is ${answer}`)
    }
  }
})
