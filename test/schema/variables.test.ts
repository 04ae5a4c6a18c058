// Every variable of GoTrue is honoured, or named with the reason why it is not.

import * as fs from 'node:fs'
import t from 'tap'
import { expand, ignored, programs } from '../../start/variables.ts'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)

const gotrue = new Set(
  fs
    .readFileSync(new URL('gotrue_variables.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap(expand),
)
const columns = await sql<{ name: string; meaning: string }[]>`
  select upper(attname) as name, col_description(attrelid, attnum) as meaning
  from pg_attribute
  where attrelid = 'auth_private.settings'::regclass and attnum > 0 and not attisdropped
    and attname <> 'singleton'
`
const settings = columns.map(({ name }) => name)
const sites = await sql<{ name: string }[]>`
  select upper(format('external_%s_%s', p.name, a.attname)) as name
  from auth_private.providers p
  join pg_attribute a on a.attrelid = 'auth_private.providers'::regclass and a.attnum > 0
    and not a.attisdropped and a.attname <> 'name'
`
const ofSites = sites.map(({ name }) => name)
const read = Object.keys(programs).flatMap(expand)
const useless = ignored.flatMap(({ variables }) => variables.flatMap(expand))

t.test(
  'each is a setting, read by a program, or ignored for a reason: just one of these',
  async (t) => {
    t.ok(gotrue.size > 400, `${gotrue.size} variables`)
    for (const name of gotrue) {
      const places = [settings, ofSites, read, useless].filter((names) => names.includes(name))
      t.equal(places.length, 1, `${name}: a column of settings, or a line of start/variables.ts`)
    }
  },
)

t.test('nothing is listed twice, and nothing that GoTrue does not read', async (t) => {
  const listed = [...read, ...useless]
  t.same(listed.length, new Set(listed).size)
  t.same(
    listed.filter((name) => !gotrue.has(name)),
    [],
  )
})

t.test('a setting that is not GoTrue’s says so', async (t) => {
  const unnamed = columns.filter(
    ({ name, meaning }) => !gotrue.has(name) && !/not gotrue's|postgrest's/i.test(meaning),
  )
  t.same(unnamed, [])
})

t.test('each reason is a sentence', async (t) => {
  for (const { reason } of ignored) t.match(reason, /^[A-Z].*\.$/)
})
