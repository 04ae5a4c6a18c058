// What somebody may lay in the way of our functions: objects named like those of Postgres and
// like our tables, which a name without a schema finds first.
//
// Exports: layTraps. A trap that is stepped into says so in a notice: "trap: <name> as <role>".

import type { ISql, Sql } from 'postgres'
import { readSources } from '../../docs/sources.ts'
import { withoutComments } from './code.ts'

/**
 * Lays traps: tables and domains in the temporary schema, functions there and in the schema
 * `attacker`, operators in the latter. None is on the path yet.
 *
 * @param sql one connection, of a role that may create in the schema `attacker`
 * @returns how many there are
 */
export async function layTraps(sql: Sql): Promise<number> {
  const queries = [tables(sql), functions(sql), operators(sql), domains(sql)]
  const statements = (await Promise.all(queries)).flat()
  await sql.unsafe(statements.map(({ statement }) => statement).join(';\n'))
  return statements.length
}

type Query = PromiseLike<{ statement: string }[]>

const body = (name: string) => `
  language plpgsql as $trap$
  begin
    raise notice 'trap: % as %', $name$${name}$name$, current_user;
    return null;
  end
  $trap$`

/** Every word in sql/, among them the names of all functions and types that it uses. */
const words = (sql: ISql) => {
  const found = readSources().flatMap(({ text }) => withoutComments(text).match(/\w+/g) ?? [])
  // The catalogue's names for integer, boolean and the like.
  const all = new Set([...found, 'int4', 'int8', 'bool', 'timestamptz', 'varchar', 'bpchar'])
  return sql`(select string_to_table(${[...all].join(' ')}, ' ') as word)`
}

/** Types of which one can make a function and a domain. */
const types = (sql: ISql) => sql`(
  select t.oid, t.typname, format_type(t.oid, null) as name
  from pg_type t
  where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype in ('b', 'r')
    and t.typname <> 'char' and t.typname !~ '^pg_'
)`

function tables(sql: ISql): Query {
  return sql`
    select format('create temporary table %I (trap text)', c.relname) as statement
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('auth', 'auth_private')
  `
}

function functions(sql: ISql): Query {
  return sql`
    select format('create function %s.%I(%s) returns %s', schema, p.proname, (
        select string_agg(format_type(a.type, null), ', ' order by a.place)
        from unnest(p.proargtypes) with ordinality a (type, place)
      ), result.name) || ${body('a function')} as statement
    from pg_proc p
    join ${types(sql)} result on result.oid = p.prorettype,
      unnest(array['pg_temp', 'attacker']) schema
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f'
      and not p.proretset and p.provariadic = 0 and p.proname in ${words(sql)}
      and p.proargtypes::oid[] <@ array(select oid from ${types(sql)} types)
  `
}

/** Those that Postgres has, and those that it lacks and would prefer, as varchar = varchar. */
function operators(sql: ISql): Query {
  return sql`
    with used as (
      select * from ${types(sql)} types where typname in ${words(sql)}
    ),
    wanted as (
      select distinct on (o.oprname, l.name, r.name) o.oprname, l.name as l, r.name as r,
        result.name as result
      from pg_operator o
      join ${types(sql)} result on result.oid = o.oprresult
      join used l on l.oid = o.oprleft
        or l.typname in ('varchar', 'bpchar', 'name') and o.oprleft = 'text'::regtype
      join used r on r.oid in (o.oprright, l.oid)
        or r.typname in ('varchar', 'bpchar', 'name') and o.oprright = 'text'::regtype
      where o.oprnamespace = 'pg_catalog'::regnamespace
      order by o.oprname, l.name, r.name, o.oprleft = l.oid and o.oprright = r.oid desc
    )
    select format('create function attacker.trap_%s(%s, %s) returns %s', n, l, r, result)
      || replace(${body('[name]')}, '[name]', format('%s %s %s', l, oprname, r))
      || format('; create operator attacker.%s (leftarg = %s, rightarg = %s, '
        || 'function = attacker.trap_%s)', oprname, l, r, n) as statement
    from (select *, row_number() over () as n from wanted) numbered
  `
}

function domains(sql: ISql): Query {
  return sql`
    select format('create function pg_temp.trap_%s(%s) returns boolean', t.typname, t.name)
      || replace(${body('[name]')}, '[name]', t.typname)
      || format('; create domain pg_temp.%I as %s check (pg_temp.trap_%s(value))',
        t.typname, t.name, t.typname) as statement
    from ${types(sql)} t
    where t.typname in ${words(sql)}
  `
}
