// docs/functions.md: the functions that people call, from the catalogue.
//
// Exports: Routine, readRoutines, functionsPage.

import type { ISql } from 'postgres'
import { code, page } from './markdown.ts'
import { readSources } from './sources.ts'

export interface Routine {
  schema: string
  name: string
  /** Its arguments as one writes them: email text default null. */
  parameters: string[]
  result: string
  volatility: 'immutable' | 'stable' | 'volatile'
  definer: boolean
  comment: string
  /** Roles that may execute it, beside its owner. */
  grantees: string[]
}

/** All routines of ours, by name. */
export async function readRoutines(sql: ISql): Promise<Routine[]> {
  return sql<Routine[]>`
    select p.pronamespace::regnamespace::text as schema, p.proname as name,
      array(
        select concat_ws(' ', case a.mode when 'v' then 'variadic' when 'o' then 'out' end,
          a.name, a.type::regtype, 'default ' || pg_get_function_arg_default(p.oid, a.place::integer))
        from unnest(
          p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes
        ) with ordinality a (name, type, mode, place)
        where a.mode is distinct from 't'
        order by a.place
      ) as parameters,
      pg_get_function_result(p.oid) as result,
      case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end
        as volatility,
      p.prosecdef as definer,
      coalesce(obj_description(p.oid, 'pg_proc'), '') as comment,
      array(
        select case a.grantee when 0 then 'public' else a.grantee::regrole::text end collate "C"
        from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where a.grantee <> p.proowner
        order by 1
      ) as grantees
    from pg_proc p
    where p.pronamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
    order by p.pronamespace::regnamespace::text collate "C", p.proname collate "C",
      pg_get_function_identity_arguments(p.oid) collate "C"
  `
}

/** The page: public functions by topic, a topic being a folder of sql/. */
export async function functionsPage(sql: ISql): Promise<string> {
  const routines = (await readRoutines(sql)).filter((routine) => routine.schema === 'auth')
  const topics = new Map(readSources().map(({ name, topic }) => [name, topic]))
  const topicOf = (routine: Routine) => topics.get(routine.name) ?? 'other'

  const parts = [...new Set(routines.map(topicOf))]
    .sort()
    .flatMap((topic) => [
      `## ${topic}`,
      ...routines.filter((routine) => topicOf(routine) === topic).flatMap(entry),
    ])
  return page('Functions', [
    'What psql, policies and PostgREST can call; [endpoints.md](endpoints.md) says which of them ' +
      'the HTTP API calls, and [errors.md](errors.md) what a refusal looks like. All arguments ' +
      'can be given by name. Whoever is not named after **For** is refused by Postgres ' +
      'itself, except the owner of the functions.',
    ...parts,
  ])
}

function entry(routine: Routine): string[] {
  const name = `auth.${routine.name}`
  const parameters = routine.parameters.map(readable)
  const oneLine = `${name}(${parameters.join(', ')}) returns ${routine.result}`
  const severalLines = `${name}(\n  ${parameters.join(',\n  ')}\n) returns ${routine.result}`
  return [
    `### ${name}`,
    '```sql\n' + (oneLine.length <= 80 ? oneLine : severalLines) + '\n```',
    routine.comment,
    `**For** ${routine.grantees.map(code).join(', ') || 'the owner only'}.`,
  ]
}

/** The catalogue writes default NULL::text where a person writes default null. */
function readable(parameter: string): string {
  return parameter
    .replace(/^(.* default )NULL::.*$/, '$1null')
    .replace(/^(.* default '(?:[^']|'')*')::.*$/, '$1')
}
