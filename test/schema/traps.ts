// What someone who may call our functions can lay in their way: objects that are named like
// those of Postgres and like our tables, found first by a name without a schema.
//
// Exports: layTraps. A trap that is stepped into says so in a notice: "trap: <name> as <role>".

import type { Sql } from 'postgres'
import { readSources } from '../../docs/sources.ts'
import { withoutComments } from './code.ts'

/**
 * Lays traps, in the temporary schema and in a schema of the attacker, and puts both first.
 *
 * @param sql one connection, of a role that owns the schema `attacker`
 * @returns how many of each kind there are
 */
export async function layTraps(sql: Sql): Promise<Record<string, number>> {
  const statements = await sql<{ kind: string; statement: string }[]>`
    with word as (
      select string_to_table(${wordsOfCode().join(' ')}, ' ') as text
    ),
    -- Types of which one can make a function and a domain.
    usable as (
      select t.oid, t.typname, format_type(t.oid, null) as name
      from pg_type t
      where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype in ('b', 'r')
        and t.typname not in ('char', 'pg_node_tree', 'pg_ndistinct', 'pg_dependencies',
          'pg_mcv_list', 'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary')
    ),
    body as (
      select ' language plpgsql as $trap$ begin raise notice ''trap: %% as %%'', %L, current_user; '
        || 'return null; end $trap$' as text
    )
    select 1 as rank, 'table' as kind,
      format('create temporary table %I (trap text)', c.relname) as statement
    from pg_class c
    where c.relkind = 'r' and c.relnamespace = any (array(
      select n.oid from pg_namespace n where n.nspname in ('auth', 'auth_private')))
    union all
    select distinct 2, 'function', format('create function %s.%I(%s) returns %s', s.name, p.proname,
      array_to_string(array(
        select format_type(a.type, null)
        from unnest(p.proargtypes) with ordinality a (type, place) order by a.place), ', '),
      format_type(p.prorettype, null)) || format(body.text, p.proname)
    from word
    join pg_proc p on p.proname = word.text and p.pronamespace = 'pg_catalog'::regnamespace,
      body, (values ('pg_temp'), ('attacker')) s (name)
    where p.prokind = 'f' and not p.proretset and p.provariadic = 0
      and p.prorettype in (select oid from usable)
      and p.proargtypes::oid[] <@ array(select oid from usable)
    union all
    select 3, 'operator', format('create function attacker.trap_%s(%s, %s) returns %s',
        o.oid, l.name, r.name, format_type(o.oprresult, null)) || format(body.text, o.oprname)
      || format('; create operator attacker.%s (leftarg = %s, rightarg = %s, function = %s)',
        o.oprname, l.name, r.name, 'attacker.trap_' || o.oid)
    from pg_operator o
    join usable l on l.oid = o.oprleft
    join usable r on r.oid = o.oprright, body
    where o.oprnamespace = 'pg_catalog'::regnamespace and o.oprresult in (select oid from usable)
      and l.typname = any (select text from word) and r.typname = any (select text from word)
    union all
    select 4, 'domain', format('create function pg_temp.trap_%s(%s) returns boolean', t.typname,
        t.name) || format(body.text, t.typname)
      || format('; create domain pg_temp.%I as %s check (pg_temp.trap_%s(value))',
        t.typname, t.name, t.typname)
    from usable t
    join word on word.text = t.typname, body
    order by rank
  `
  // From here on the search for a name begins with the traps.
  statements.push({ kind: 'path', statement: 'set search_path = pg_temp, attacker, pg_catalog' })
  const counts: Record<string, number> = {}
  for (const { kind, statement } of statements) {
    await sql.unsafe(statement)
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** Every word in sql/, among them the names of all functions and types that it uses. */
function wordsOfCode(): string[] {
  const words = readSources().flatMap(({ text }) => withoutComments(text).match(/\w+/g) ?? [])
  // As the catalogue names them: integer, boolean and so on are the grammar's names.
  return [...new Set([...words, 'int4', 'int8', 'bool', 'timestamptz', 'varchar'])]
}
