// The rules for tables and types, read from the catalogue.

import t from 'tap'
import { openDatabase } from '../support/database.ts'
import { expectNone } from './exceptions.ts'

const { sql } = await openDatabase(t)
const schemas = sql`('auth'::regnamespace, 'auth_private'::regnamespace)`
const tables = sql`
  select c.oid, c.relname, c.relowner, c.relrowsecurity from pg_class c
  where c.relnamespace in ${schemas} and c.relkind in ('r', 'p')
`

/** What a query finds, a name a row. */
async function find(query: PromiseLike<readonly Record<string, unknown>[]>): Promise<string[]> {
  return (await query).map((row) => String(row.name))
}

t.test('there are tables to check', async (t) => {
  t.ok((await tables).length > 20)
})

t.test('everything belongs to auth_owner', async (t) => {
  const strangers = await find(sql`
    select c.oid::regclass::text as name
    from pg_class c
    where c.relnamespace in ${schemas} and c.relowner <> 'auth_owner'::regrole
    union all
    select t.oid::regtype::text
    from pg_type t
    where t.typnamespace in ${schemas} and t.typowner <> 'auth_owner'::regrole
      and t.typrelid = 0 and t.typelem = 0
    union all
    select n.nspname
    from pg_namespace n
    where n.oid in ${schemas} and n.nspowner <> 'auth_owner'::regrole
  `)
  expectNone(t, strangers, 'make it after set local role auth_owner')
})

t.test('schemas, tables and types have a comment', async (t) => {
  const silent = await find(sql`
    select n.nspname as name from pg_namespace n
    where n.oid in ${schemas} and obj_description(n.oid, 'pg_namespace') is null
    union all
    select c.oid::regclass::text from pg_class c
    where c.relnamespace in ${schemas} and c.relkind in ('r', 'p', 'v', 'm')
      and obj_description(c.oid, 'pg_class') is null
    union all
    select t.oid::regtype::text from pg_type t
    left join pg_class c on c.oid = t.typrelid
    where t.typnamespace in ${schemas} and t.typelem = 0 and coalesce(c.relkind, 'c') = 'c'
      and obj_description(t.oid, 'pg_type') is null
  `)
  expectNone(t, silent, 'add a comment on it')
})

t.test('every setting has a comment, since that is its documentation', async (t) => {
  const silent = await find(sql`
    select a.attname as name from pg_attribute a
    where a.attrelid = 'auth_private.settings'::regclass and a.attnum > 0
      and not a.attisdropped and coalesce(col_description(a.attrelid, a.attnum), '') = ''
  `)
  expectNone(t, silent, 'say what it means and what values are allowed: comment on column')
})

t.test('every table has row level security on, and no policy', async (t) => {
  const open = await find(sql`
    select c.oid::regclass as name from (${tables}) c where not c.relrowsecurity
  `)
  expectNone(t, open, 'alter table … enable row level security')
  const policies = await find(sql`
    select p.polname || ' on ' || c.oid::regclass as name
    from (${tables}) c
    join pg_policy p on p.polrelid = c.oid
  `)
  expectNone(t, policies, 'drop it: functions are the only door to these tables')
})

t.test('every foreign key says what a deletion does, and has an index', async (t) => {
  const keys = sql`
    select k.conrelid, k.conkey, k.confdeltype, k.conname || ' on ' || k.conrelid::regclass as name
    from pg_constraint k
    join (${tables}) c on c.oid = k.conrelid
    where k.contype = 'f'
  `
  t.ok((await keys).length > 10, 'there are foreign keys')
  const undecided = await find(sql`select k.name from (${keys}) k where k.confdeltype = 'a'`)
  expectNone(t, undecided, 'add on delete')
  const slow = await find(sql`
    select k.name
    from (${keys}) k
    where not exists (
      select from pg_index i
      where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
        and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
    )
  `)
  expectNone(t, slow, 'make an index that begins with its columns')
})

t.test('a name tells the type: _at is a time, _hash is a hash', async (t) => {
  const columns = (suffix: string, types: string[]) =>
    find(sql`
      select format('%s.%s %s', c.oid::regclass, a.attname, a.atttypid::regtype) as name
      from (${tables}) c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where right(a.attname, length(${suffix})) = ${suffix}
        and a.atttypid <> all (${types}::regtype[])
    `)
  const times = await columns('_at', ['timestamptz', 'timestamp'])
  expectNone(t, times, 'make it a timestamptz or name it otherwise')
  const hashes = await columns('_hash', ['bytea', 'text'])
  expectNone(t, hashes, 'make it a bytea or name it otherwise')
})

t.test('no table depends on a function of ours, so that all code can be rebuilt', async (t) => {
  const dependents = await find(sql`
    select pg_describe_object(d.classid, d.objid, d.objsubid) || ' needs '
      || p.oid::regprocedure as name
    from pg_depend d
    join pg_proc p on p.oid = d.refobjid and d.refclassid = 'pg_proc'::regclass
    where p.pronamespace in ${schemas}
      and d.classid not in ('pg_proc'::regclass, 'pg_trigger'::regclass)
  `)
  expectNone(t, dependents, 'use built-in functions there')
})
