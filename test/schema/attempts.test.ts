// The privileges, tried: each role reaches for every table and every function.

import type { ISql, Sql } from 'postgres'
import t from 'tap'
import { openDatabase } from '../support/database.ts'

const db = await openDatabase(t)

const tables = await db.sql<{ statement: string }[]>`
  select 'select from ' || c.oid::regclass as statement
  from pg_class c
  where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
    and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
`

/** The functions that a role was not granted, each as a call with nulls. */
async function foreignCalls(role: string): Promise<{ statement: string }[]> {
  // In sub-selects, since a strict function of a plain null is never called at all.
  return db.sql<{ statement: string }[]>`
    select format('select %I.%I(%s)', n.nspname, p.proname, (
        select string_agg(
          case when p.provariadic <> 0 and a.place = p.pronargs then 'variadic ' else '' end
            || format('(select null::%s)', a.type::regtype), ', ' order by a.place)
        from unnest(p.proargtypes) with ordinality a (type, place)
      )) as statement
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('auth', 'auth_private')
      and not exists (select from aclexplode(p.proacl) a where a.grantee = ${role}::regrole)
  `
}

const asApiRole = (role: string) => (sql: ISql) => sql`set local role ${sql(role)}`
const itself = async () => undefined

const doors: [string, Sql, (sql: ISql) => PromiseLike<unknown>][] = [
  ['anon', db.sql, asApiRole('anon')],
  ['authenticated', db.sql, asApiRole('authenticated')],
  ['service_role', db.sql, asApiRole('service_role')],
  ['authenticator', db.connect(db.gatewayUrl), itself],
  ['auth_worker', db.connect(db.workerUrl), itself],
]

for (const [role, connection, become] of doors) {
  t.test(`${role} reads no table and calls nothing that it was not granted`, async (t) => {
    const statements = [...tables, ...(await foreignCalls(role))]
    t.ok(statements.length > 100, 'there is much to try')
    const [first] = await connection.begin(async (sql) => {
      await become(sql)
      for (const { statement } of statements) {
        const answer = await sql
          .savepoint((sql) => sql.unsafe(statement))
          .then(
            () => 'no refusal',
            (error) => error.code,
          )
        if (answer !== '42501') t.fail(`${role} is not refused "${statement}": ${answer}`)
      }
      return sql`select current_user as role`
    })
    t.equal(first?.role, role)
  })
}
