// What the worker's login may do: a few functions.

import t from 'tap'
import { openDatabase } from '../support/database.ts'

const db = await openDatabase(t)
const worker = db.connect(db.workerUrl)

t.test('executes what the worker needs and no other function', async (t) => {
  const rows = await db.sql`
    select p.oid::regproc::text as name
    from pg_proc p
    where p.pronamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and has_schema_privilege('auth_worker', p.pronamespace, 'usage')
      and has_function_privilege('auth_worker', p.oid, 'execute')
    order by 1
  `
  t.same(
    rows.map((row) => row.name),
    [
      'auth_private.builtin_templates',
      'auth_private.claim_mail',
      'auth_private.clean_up',
      'auth_private.next_mail_at',
      'auth_private.settle_mail',
      'auth_private.settle_sent',
    ],
  )
})

t.test('reads and writes no table', async (t) => {
  const tables = await db.sql<{ schema: string; name: string }[]>`
    select schemaname as schema, tablename as name
    from pg_tables where schemaname in ('auth', 'auth_private')
  `
  t.ok(tables.length > 10)
  for (const { schema, name } of tables) {
    const denied = { code: '42501' }
    await t.rejects(worker`select from ${worker(schema)}.${worker(name)}`, denied, name)
    await t.rejects(worker`delete from ${worker(schema)}.${worker(name)}`, denied, name)
  }
})

t.test('takes no other role', async (t) => {
  for (const role of ['auth_owner', 'service_role', 'authenticated', 'anon', 'authenticator']) {
    await t.rejects(worker`set role ${worker(role)}`, { code: '42501' }, role)
  }
})
