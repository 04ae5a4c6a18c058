// A clock for a database: nothing sleeps, what is remembered gets older.
//
// Exports: createClock.

import type { Sql } from 'postgres'

/** A function that lets an interval pass, as "61 seconds": it shifts every time back by it. */
export async function createClock(sql: Sql): Promise<(interval: string) => Promise<void>> {
  const tables = await sql<{ name: string; shifts: string }[]>`
    select c.oid::regclass::text as name,
      string_agg(format('%1$I = %1$I - $1::interval', a.attname), ', ') as shifts
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and c.relkind = 'r'
      and a.atttypid in ('timestamp'::regtype, 'timestamptz'::regtype)
      and a.attgenerated = ''
      and c.relname <> 'signing_keys'
    group by c.oid
  `
  return async (interval) => {
    await sql.begin(async (sql) => {
      for (const { name, shifts } of tables) {
        await sql.unsafe(`update ${name} set ${shifts}`, [interval])
      }
    })
  }
}
