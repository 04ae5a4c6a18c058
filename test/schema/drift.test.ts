// What a database has is what sql/ says: nothing was changed only here or only there.

import * as fs from 'node:fs'
import type { ISql } from 'postgres'
import t from 'tap'
import { includesOf, readCode, readSources } from '../../docs/sources.ts'
import { openDatabase } from '../support/database.ts'
import { withoutWords } from './code.ts'
import { expectNone } from './exceptions.ts'

const { sql } = await openDatabase(t)

t.test('a migrated database has the routines, triggers and grants that sql/ makes', async (t) => {
  await sql
    .begin(async (sql) => {
      const migrated = await picture(sql)
      t.ok(Object.keys(migrated).length > 100, 'there is something to compare')
      await drop(sql)
      t.notSame(await picture(sql), migrated, 'the routines are gone')
      await sql.unsafe(readCode())
      const made = await picture(sql)

      const objects = [...new Set([...Object.keys(migrated), ...Object.keys(made)])]
      const different = objects.filter((object) => migrated[object] !== made[object])
      for (const object of different) {
        t.equal(migrated[object], made[object], advice(object, migrated, made))
      }
      t.equal(different.length, 0, 'nothing else differs')
      throw rollback
    })
    .catch((error) => {
      if (error !== rollback) throw error
    })
})

t.test('index.sql includes every file of sql/ once, and no other', async (t) => {
  const included = includesOf(fs.readFileSync('sql/index.sql', 'utf8'))
  const files = readSources().map(({ path }) => path)
  const missing = files.filter((path) => !included.includes(path))
  expectNone(t, missing, 'add an include line for it to sql/index.sql')
  const gone = included.filter((path) => !files.includes(path))
  expectNone(t, gone, 'there is no such file; take its line out of sql/index.sql')
  const repeated = included.filter((path, place) => included.indexOf(path) !== place)
  expectNone(t, repeated, 'sql/index.sql includes it more than once')
})

if (process.env.CI === 'true') {
  t.test('nothing in migrations/current.sql waits to be committed', async (t) => {
    const current = fs.readFileSync('migrations/current.sql', 'utf8')
    const waiting = [...includesOf(current), ...withoutWords(current).trim().split(';')]
    expectNone(t, waiting.filter(Boolean), 'run npm run migrate -- commit "what it does"')
  })
}

const rollback = new Error('all is compared; undo it')

type Picture = Record<string, string>

function advice(object: string, migrated: Picture, made: Picture): string {
  if (!(object in made)) return `${object} is in no file of sql/: drop it in migrations/current.sql`
  if (!(object in migrated)) return `${object}: migrations/current.sql does not include its file`
  return `${object}: include its file in migrations/current.sql`
}

/** All that is re-made by loading sql/, each object as text. */
async function picture(sql: ISql): Promise<Picture> {
  // By this path all names outside of pg_catalog are shown with their schema.
  await sql`set local search_path = pg_catalog`
  const objects = await sql<{ object: string; text: string }[]>`
    with ours as (
      select n.oid from pg_namespace n where n.nspname in ('auth', 'auth_private')
    )
    select 'routine ' || p.oid::regprocedure as object,
      concat_ws(E'\n', pg_get_functiondef(p.oid), format('owner %s', p.proowner::regrole),
        'grants ' || (select array_agg(a::text order by a::text) from unnest(p.proacl) a)::text,
        'comment ' || obj_description(p.oid, 'pg_proc')) as text
    from pg_proc p
    where p.pronamespace in (table ours)
    union all
    select format('trigger %s on %s', t.tgname, t.tgrelid::regclass),
      concat_ws(E'\n', pg_get_triggerdef(t.oid), format('enabled %s', t.tgenabled),
        'comment ' || obj_description(t.oid, 'pg_trigger'))
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    where not t.tgisinternal and c.relnamespace in (table ours)
    union all
    select format('policy %s on %s', p.polname, p.polrelid::regclass),
      concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[]::text,
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_policy p
    join pg_class c on c.oid = p.polrelid
    where c.relnamespace in (table ours)
    union all
    select 'grants on ' || c.oid::regclass,
      (select array_agg(a::text order by a::text) from unnest(c.relacl) a)::text
    from pg_class c
    where c.relnamespace in (table ours) and c.relacl is not null
    union all
    select 'grants on schema ' || n.nspname,
      (select array_agg(a::text order by a::text) from unnest(n.nspacl) a)::text
    from pg_namespace n
    where n.oid in (table ours) and n.nspacl is not null
  `
  return Object.fromEntries(objects.map(({ object, text }) => [object, text]))
}

/** Drops our triggers, policies and routines, but not those of an extension. */
async function drop(sql: ISql): Promise<void> {
  const statements = await sql<{ statement: string }[]>`
    select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass) as statement
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    where not t.tgisinternal
      and c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
    union all
    select format('drop policy %I on %I.%I', p.policyname, p.schemaname, p.tablename)
    from pg_policies p
    where p.schemaname in ('auth', 'auth_private')
    union all
    select format('drop routine if exists %s cascade', p.oid::regprocedure)
    from pg_proc p
    where p.pronamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
  `
  await sql.unsafe(statements.map(({ statement }) => statement).join(';\n'))
}
