// The rules for functions, read from the catalogue.

import t from 'tap'
import { routes } from '../../gateway/routes.ts'
import { readSources } from '../../docs/sources.ts'
import { openDatabase } from '../support/database.ts'
import { expectNone } from './exceptions.ts'

/**
 * Reviewed: a SET clause would forbid these to switch roles. Their bodies must name everything
 * with its schema. None of them is security definer.
 */
const roleSwitchers = [
  'auth.act_as',
  'auth.act_as_anon',
  'auth_private.call',
  'auth_private.enter',
  'auth_private.rest',
]

const { sql } = await openDatabase(t)

const functions = await sql<
  {
    name: string
    owner: string
    language: string
    definer: boolean
    bound: boolean
    settings: string[]
    public: boolean
    comment: string | null
    arguments: number
    defaults: number
  }[]
>`
  select p.pronamespace::regnamespace || '.' || p.proname as name,
    p.proowner::regrole::text as owner,
    l.lanname as language,
    p.prosecdef as definer,
    p.prosqlbody is not null as bound,
    coalesce(p.proconfig, '{}') as settings,
    exists (
      select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
      where a.grantee = 0
    ) as public,
    obj_description(p.oid, 'pg_proc') as comment,
    p.pronargs as arguments,
    p.pronargdefaults as defaults
  from pg_proc p
  join pg_language l on l.oid = p.prolang
  where p.pronamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
    and not exists (
      select from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
  order by 1
`
const names = (of: (typeof functions)[number][]) => of.map(({ name }) => name)
const isPinned = ({ settings }: (typeof functions)[number]) =>
  settings.includes('search_path=pg_catalog, pg_temp')

t.test('every security definer pins its search_path', async (t) => {
  const definers = functions.filter(({ definer }) => definer)
  t.ok(definers.length > 0, 'there are definers')
  const loose = definers.filter((definer) => !isPinned(definer))
  expectNone(t, names(loose), 'give it exactly: set search_path = pg_catalog, pg_temp')
})

t.test('every invoker pins it too, has a bound body, or must switch roles', async (t) => {
  const loose = functions.filter(
    (routine) => !isPinned(routine) && !(routine.bound && routine.settings.length === 0),
  )
  expectNone(
    t,
    names(loose).filter((name) => !roleSwitchers.includes(name)),
    'add set search_path = pg_catalog, pg_temp, or write its body with return or begin atomic',
  )
  const inNeed = names(loose.filter(({ definer, settings }) => !definer && settings.length === 0))
  expectNone(
    t,
    roleSwitchers.filter((name) => !inNeed.includes(name)),
    'it is no invoker without a search_path: take it off the list in this test',
  )
})

t.test('all are of two languages and belong to auth_owner', async (t) => {
  const strangers = functions.filter(({ owner }) => owner !== 'auth_owner')
  expectNone(t, names(strangers), 'make it after set local role auth_owner')
  const odd = functions.filter(({ language }) => !['sql', 'plpgsql'].includes(language))
  expectNone(t, names(odd), 'write it in sql or plpgsql')
})

t.test('none can be executed by PUBLIC', async (t) => {
  const open = functions.filter((routine) => routine.public)
  expectNone(t, names(open), 'revoke execute on it from public, grant it to roles by name')
})

t.test('all have a comment', async (t) => {
  const silent = functions.filter(({ comment }) => !comment)
  expectNone(t, names(silent), 'add comment on function to its file')
})

t.test('none is overloaded', async (t) => {
  const all = names(functions)
  const overloaded = all.filter((name, place) => all.indexOf(name) !== place)
  expectNone(t, overloaded, 'give one function arguments with defaults instead')
})

t.test('what an endpoint calls can be called with any part of its arguments', async (t) => {
  const routines = new Set(routes.map(({ routine }) => `auth.${routine}`))
  const demanding = functions.filter(
    (routine) => routines.has(routine.name) && routine.defaults < routine.arguments,
  )
  expectNone(t, names(demanding), 'give all arguments a default, and refuse in words without them')
  const missing = [...routines].filter((name) => !names(functions).includes(name))
  expectNone(t, missing, 'gateway/routes.ts names it, and there is no such function')
})

t.test('every function has its file, and every file its function', async (t) => {
  const inFiles = readSources().map(({ topic, name, text }) => {
    const made = /^create or replace function ([\w.]+)/m.exec(text)?.[1] ?? 'nothing'
    return made.split('.')[1] === name ? made : `sql/${topic}/${name}.sql makes ${made}`
  })
  const homeless = names(functions).filter((name) => !inFiles.includes(name))
  expectNone(t, homeless, 'it belongs in sql/<topic>/<its name>.sql')
  const unmade = inFiles.filter((name) => !names(functions).includes(name))
  expectNone(t, unmade, 'the database has no such function')
})
