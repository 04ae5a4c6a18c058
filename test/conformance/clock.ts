// A clock for one user: what is remembered of that user, or of an address, gets older. Unlike the
// clock of all tests it leaves the others alone, so cases can run side by side.
//
// Exports: createUserClock.

import type { Sql } from 'postgres'

/** A function that lets an interval pass for a user, by id, address or number. */
export async function createUserClock(sql: Sql) {
  const tables = await sql<{ name: string; shifts: string; has: string[] }[]>`
    select c.oid::regclass::text as name,
      string_agg(format('%1$I = %1$I - $1::interval', a.attname), ', ')
        filter (where a.atttypid in ('timestamp'::regtype, 'timestamptz'::regtype)
          and a.attgenerated = '') as shifts,
      array_agg(a.attname::text) as has
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and c.relkind = 'r'
    group by c.oid
  `
  const whose = (name: string, has: string[]) => {
    if (name === 'auth.users') return 'id::text = $2'
    if (name === 'auth_private.cooldowns') {
      return `address_hash in (select sha256(convert_to(name, 'UTF8')) from unnest($3::text[]) name)`
    }
    if (has.includes('user_id')) return 'user_id::text = $2'
    if (!has.includes('session_id')) return null
    return 'session_id in (select s.id from auth.sessions s where s.user_id::text = $2)'
  }

  return async (interval: string, of: string) => {
    const [known] = await sql`
      select id::text, array[id::text, email, phone] as names
      from auth.users
      where ${of} in (id::text, email, phone)
    `
    const names = [of, ...(known?.names ?? []).filter(Boolean)]
    await sql.begin(async (sql) => {
      for (const { name, shifts, has } of tables) {
        const condition = whose(name, has)
        if (shifts === null || condition === null) continue
        await sql.unsafe(
          `update ${name} set ${shifts}
           where ${condition} and ($2::text is not null or $3::text[] is not null)`,
          [interval, known?.id ?? null, names],
        )
      }
    })
  }
}
