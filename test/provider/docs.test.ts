// docs/providers.md names the sites that there are, with their scopes.

import * as fs from 'node:fs'
import t from 'tap'
import { builtinNames, definitionOf } from '../../gateway/provider/builtin.ts'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)
const page = fs.readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8')

t.test('each built-in site has its row', async (t) => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.*?) \| (\+?) ?\| \S.*\|$/gm)].map(
    ([, name = '', scopes = '', more = '']) => [name, scopes.replaceAll('`', ''), more],
  )
  const long = { snapchat: 'three, for id, name and picture' } as Record<string, string>
  t.same(
    rows,
    builtinNames.map((name) => {
      const definition = definitionOf(name)
      const scopes = long[name] ?? (definition?.scopes || 'none')
      return [name, scopes, definition?.moreScopes ? '+' : '']
    }),
  )
})

t.test('each variable of a site has its row', async (t) => {
  const columns = await sql<{ name: string }[]>`
    select upper(a.attname) as name from pg_catalog.pg_attribute a
    where a.attrelid = 'auth_private.providers'::regclass and a.attnum > 0
      and not a.attisdropped and a.attname <> 'name'
  `
  for (const { name } of columns) t.match(page, `\n| \`${name}\` |`, name)
})

t.test('what it shows in psql works', async (t) => {
  const shown = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, statement = '']) => statement)
  t.equal(shown.length, 2)
  for (const statement of shown) await sql.unsafe(statement)
  t.match(await sql`select identifier, issuer from auth.custom_oauth_providers`, [
    { identifier: 'custom:acme', issuer: 'http://localhost:8080/realms/acme' },
  ])
  t.match(await sql`select email, email_confirmed_at from auth.users`, [
    { email: 'ann@example.com', email_confirmed_at: Date },
  ])
})
