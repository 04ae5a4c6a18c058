// test/schema/surface.txt: what the database shows to the outside, for people to review.
//
// Exports: surface. One line a fact, in an order that depends on names only, so that a change
// of the surface is a small diff.

import type { ISql } from 'postgres'
import { readRoutines } from './functions.ts'

/** One line below a heading. */
interface Fact {
  heading: string
  fact: string
}

/** The whole picture as text. */
export async function surface(sql: ISql): Promise<string> {
  const schemas = await sql<Fact[]>`
    select 'schema ' || n.nspname as heading, format('%s for %s', lower(a.privilege_type),
      case a.grantee when 0 then 'public' else a.grantee::regrole::text end) collate "C" as fact
    from pg_namespace n, aclexplode(n.nspacl) a
    where n.nspname in ('auth', 'auth_private') and a.grantee <> n.nspowner
    order by n.nspname collate "C", 2
  `
  const types = await sql<Fact[]>`
    select 'type ' || t.oid::regtype as heading, e.enumlabel as fact
    from pg_type t
    join pg_enum e on e.enumtypid = t.oid
    where t.typnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
    order by t.typnamespace::regnamespace::text collate "C", t.typname collate "C", e.enumsortorder
  `
  const facts = [...schemas, ...types, ...(await tables(sql)), ...(await functions(sql))]
  const headings = [...new Set(facts.map(({ heading }) => heading))]
  const blocks = headings.map((heading) => {
    const below = facts.filter((fact) => fact.heading === heading)
    return [heading, ...below.map(({ fact }) => `  ${fact}`)].join('\n')
  })
  return blocks.join('\n\n') + '\n'
}

async function functions(sql: ISql): Promise<Fact[]> {
  const routines = await readRoutines(sql)
  return routines.flatMap((routine) => {
    const heading = `function ${routine.schema}.${routine.name}`
    const rights = routine.definer ? 'definer' : 'invoker'
    const facts = [
      ...routine.parameters,
      `returns ${routine.result}`,
      `${routine.volatility} ${rights}`,
      `for ${routine.grantees.join(', ') || 'the owner only'}`,
    ]
    return facts.map((fact) => ({ heading, fact }))
  })
}

/** Tables and views: columns in order, then constraints, indexes and triggers. */
async function tables(sql: ISql): Promise<Fact[]> {
  return sql<Fact[]>`
    with relation as (
      select c.oid,
        case c.relkind when 'v' then 'view ' else 'table ' end || c.oid::regclass as heading
      from pg_class c
      where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
        and c.relkind in ('r', 'p', 'v', 'm', 'f')
    ),
    fact as (
      select a.attrelid as oid, 1 as rank, a.attnum as place, '' as name,
        concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then 'not null' end,
          case a.attidentity when 'a' then 'identity always' when 'd' then 'identity' end,
          case when a.attgenerated <> '' then 'generated' when d.oid is not null then 'default' end,
          pg_get_expr(d.adbin, d.adrelid)) as text
      from pg_attribute a
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attnum > 0 and not a.attisdropped
      union all
      select c.conrelid, 2, 0, c.conname,
        format('constraint %I %s', c.conname, pg_get_constraintdef(c.oid))
      from pg_constraint c
      -- From Postgres 18 on a column's not null is listed here, too.
      where c.contype <> 'n'
      union all
      select i.indrelid, 3, 0, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
      from pg_index i
      where not exists (
        select from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = i.indrelid
      )
      union all
      select t.tgrelid, 4, 0, t.tgname, pg_get_triggerdef(t.oid)
      from pg_trigger t
      where not t.tgisinternal
    )
    select relation.heading, fact.text as fact
    from relation
    join fact on fact.oid = relation.oid
    order by relation.heading collate "C", fact.rank, fact.place, fact.name collate "C"
  `
}
