// Refusals: the ones that sql/ makes, the ones that are listed and the documented ones agree.

import * as fs from 'node:fs'
import t from 'tap'
import { readErrors } from '../../docs/errors.ts'
import { readSources } from '../../docs/sources.ts'
import { openDatabase } from '../support/database.ts'
import { withoutComments } from './code.ts'
import { expectNone } from './exceptions.ts'

const { sql } = await openDatabase(t)
const errors = await readErrors(sql)
const listed = errors.map(({ name }) => name)

/** Every call of refuse or refused: where, and with what. */
const calls = readSources().flatMap(({ path, text }) => {
  const call = /(?<!function )auth_private\.(refused?)\(\s*(?:'(\w+)')?(\s*,\s*array\[)?/g
  return [...withoutComments(text).matchAll(call)].map(([, helper, name, details]) => ({
    path,
    helper,
    name,
    details: details !== undefined,
  }))
})
const refused = calls.map(({ name }) => name)

t.test('each refusal in sql/ is in the list, and the other way round', async (t) => {
  t.ok(calls.length > 50, 'there are refusals')
  const hidden = calls.filter(({ name }) => name === undefined)
  expectNone(t, hidden.map(where), 'write the name of the refusal as a literal')
  const unlisted = calls.filter(({ name }) => name !== undefined && !listed.includes(name))
  expectNone(t, unlisted.map(where), 'add it to sql/error/errors.sql')
  const unused = listed.filter((name) => !refused.includes(name))
  expectNone(t, unused, 'nothing refuses by this name: take it out of sql/error/errors.sql')
})

t.test('a name stands for one refusal, and its status for a fault', async (t) => {
  const repeated = listed.filter((name, place) => listed.indexOf(name) !== place)
  expectNone(t, repeated, 'it is in sql/error/errors.sql more than once')
  const odd = errors.filter(({ status }) => status < 400 || status > 599)
  expectNone(
    t,
    odd.map(({ name, status }) => `${name} ${status}`),
    'give it a status of 4xx or 5xx',
  )
  const shouting = errors.filter(
    ({ name, code }) => !/^[a-z0-9_]+ [a-z0-9_]+$/.test(`${name} ${code}`),
  )
  expectNone(
    t,
    shouting.map(({ name }) => name),
    'write name and code in snake_case',
  )
})

t.test('what a message leaves open is said where it is refused', async (t) => {
  const open = errors.filter(({ message }) => message.includes('%s')).map(({ name }) => name)
  const silent = calls.filter(({ name, details }) => open.includes(name ?? '') && !details)
  expectNone(t, silent.map(where), 'its message has a %s: pass details, array[…], to refuse')
})

t.test('docs/errors.md lists these and no others', async (t) => {
  const page = fs.readFileSync('docs/errors.md', 'utf8').split('\n## ')[0] ?? ''
  const documented = [...page.matchAll(/\| `(\w+)` \|$/gm)].map(([, name]) => name as string)
  t.same(documented.sort(), [...listed].sort(), 'run npm run docs')
})

function where({ path, helper, name }: (typeof calls)[number]): string {
  return `sql/${path}: ${helper}('${name ?? '…'}')`
}
