// Counts the passwords that are hashed: what a guess costs, told without a clock.
//
// Exports `countHashing`.

import type { Sql } from 'postgres'

/**
 * From now on, all that this database hashes by bcrypt is counted, also where the request is
 * refused and the rest of what it did is undone, since a sequence is not.
 *
 * @param sql connected as who may act as auth_owner
 * @returns how often something was hashed while the work was done
 */
export async function countHashing(
  sql: Sql,
): Promise<(work: () => Promise<unknown>) => Promise<number>> {
  await sql.begin(async (sql) => {
    await sql`set local role auth_owner`
    await sql`create sequence auth_private.hashings`
    for (const [name, names] of [
      ['bcrypt', 'password, salt'],
      ['hash_password', 'password'],
    ] as const) {
      const types = names.replaceAll(/\w+/g, 'text')
      const parameters = names.replaceAll(/\w+/g, '$& text')
      await sql.unsafe(`
        alter function auth_private.${name}(${types}) rename to uncounted_${name};
        create function auth_private.${name}(${parameters}) returns text language plpgsql as $$
        begin
          perform nextval('auth_private.hashings');
          return auth_private.uncounted_${name}(${names});
        end $$;
      `)
    }
  })

  const counted = async () => {
    const [row] = await sql`
      select case when is_called then last_value else 0 end::integer as n
      from auth_private.hashings
    `
    return row?.n as number
  }
  return async (work) => {
    const before = await counted()
    await work()
    return (await counted()) - before
  }
}
