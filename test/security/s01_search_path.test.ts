// S-01: what somebody puts in the way of our functions never runs as anybody but themselves. All
// that our code names is tried in test/schema/shadowing.test.ts; here are the ways in, one by one.

import postgres from 'postgres'
import t from 'tap'
import { openDatabase } from '../support/database.ts'

const db = await openDatabase(t)
await db.settings({ mailer_autoconfirm: true })
const password = 'correct horse battery'
const name = `shadow_${process.pid}`
await db.sql.unsafe(`
  create role ${name} login password 'shadow' in role anon;
  create schema lair authorization ${name};
`)
t.teardown(() => db.sql.unsafe(`drop owned by ${name} cascade; drop role ${name}`))
const url = new URL(db.url)
url.username = name
url.password = 'shadow'
const ranAs = new Set<string>()
const sql = postgres(url.href, {
  max: 1,
  fetch_types: false,
  onnotice: ({ message }) => void ranAs.add(message ?? ''),
})
t.teardown(() => sql.end())

t.test('every definer looks in pg_catalog first, and in the temporary schema last', async (t) => {
  const definers = await db.sql`
    select p.oid::regprocedure::text as name, p.proconfig as settings
    from pg_proc p
    where p.prosecdef and p.pronamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
  `
  t.ok(definers.length > 30)
  for (const { name, settings } of definers) {
    t.same(settings, ['search_path=pg_catalog, pg_temp'], name)
  }
})

const spy = (returns: string, result: string) => `
  returns ${returns} language plpgsql as $spy$
  begin raise notice '%', current_user; return ${result}; end $spy$`
const shadows: [string, string][] = [
  [
    'a domain',
    `create function pg_temp.look(text) ${spy('boolean', 'true')};
    create domain pg_temp.text as pg_catalog.text check (pg_temp.look(value))`,
  ],
  [
    'a table',
    `create temporary table users (id uuid, email text, encrypted_password text);
    create temporary table settings (mailer_autoconfirm boolean)`,
  ],
  [
    'a view',
    `create function lair.look() ${spy('pg_catalog.text', 'null')};
    create temporary view sessions as select lair.look() as id`,
  ],
  [
    'functions',
    `create function pg_temp.now() ${spy('timestamptz', 'null')};
    create function lair.lower(pg_catalog.text) ${spy('pg_catalog.text', 'null')};
    create function lair.coalesce(pg_catalog.text, pg_catalog.text) ${spy('pg_catalog.text', 'null')};
    create function lair.crypt(pg_catalog.text, pg_catalog.text) ${spy('pg_catalog.text', "''")}`,
  ],
  [
    'an operator',
    `create function lair.same(pg_catalog.text, pg_catalog.text) ${spy('boolean', 'true')};
    create operator lair.= (leftarg = pg_catalog.text, rightarg = pg_catalog.text, function = lair.same)`,
  ],
  [
    'a cast',
    `create type lair.address as (said pg_catalog.text);
    create function lair.told(lair.address) ${spy('pg_catalog.text', "'ann@example.com'")};
    create cast (lair.address as pg_catalog.text) with function lair.told(lair.address) as implicit`,
  ],
  [
    'an aggregate',
    `create function lair.step(pg_catalog.int8, pg_catalog.text) ${spy('pg_catalog.int8', '0')};
    create aggregate lair.count(pg_catalog.text) (sfunc = lair.step, stype = pg_catalog.int8)`,
  ],
]

for (const [what, statements] of shadows) {
  t.test(`${what} of one's own runs as oneself or not at all`, async (t) => {
    await sql.unsafe(`set search_path = pg_temp, lair, pg_catalog; ${statements}`)
    const email = `${what.replaceAll(' ', '')}@example.com`
    const [up] = await sql`select auth.signup(${email}, ${password}) as session`
    const [in_] = await sql`select auth.signin(${email}, ${password}) as session`
    t.equal(in_?.session.user.id, up?.session.user.id)
    await t.rejects(sql`select auth.signin(${email}, 'wrong')`, { code: 'PT400' })
    await sql`select auth.recover(${email})`
    t.same(
      [...ranAs].filter((role) => role !== name),
      [],
    )
  })
}

t.test('the way in of each is real: it runs for whoever has put it there', async (t) => {
  ranAs.clear()
  await sql`select ('ann'::text) is not null, lair.crypt('a', 'b'), 'a'::pg_catalog.text = 'b'::pg_catalog.text`
  await sql.unsafe(`select auth.recover(row('x')::lair.address)`).catch(() => undefined)
  t.same([...ranAs], [name])
})
