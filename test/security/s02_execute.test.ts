// S-02: nothing can be called that was not granted by name. PUBLIC, which is the default, has none.

import t from 'tap'
import { openDatabase } from '../support/database.ts'
import { openRoles, refused } from '../support/roles.ts'

const db = await openDatabase(t)
const roles = await openRoles(t, db)
const granted = {
  stranger: 0,
  anon: 10,
  authenticated: 15,
  service_role: 20,
  authenticator: 5,
  auth_worker: 3,
}

for (const { name, sql } of roles) {
  t.test(`${name} calls what is granted to it by name, and nothing else`, async (t) => {
    const role = name === 'stranger' ? (await sql`select current_user as role`)[0]?.role : name
    const calls = await db.sql<{ call: string; granted: boolean }[]>`
      select exists (select from aclexplode(p.proacl) a where a.grantee = ${role}::regrole) as granted,
        format('select %I.%I(%s)', n.nspname, p.proname, (
          select string_agg(
            case when p.provariadic <> 0 and a.place = p.pronargs then 'variadic ' else '' end
              || format('(select null::%s)', a.type::regtype), ', ' order by a.place)
          from unnest(p.proargtypes) with ordinality a (type, place)
        )) as call
      from pg_proc p
      join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ('auth', 'auth_private')
    `
    t.ok(calls.length > 200)
    t.ok(calls.filter((call) => call.granted).length >= granted[name as keyof typeof granted])
    for (const { call } of calls.filter((call) => !call.granted)) {
      const answer = await refused(sql.unsafe(call))
      if (!answer.startsWith('42501')) t.fail(`${call}: ${answer}`)
    }
  })
}

t.test('what is made tomorrow is closed, too', async (t) => {
  const [open] = await db.sql.begin(async (sql) => {
    await sql`set local role auth_owner`
    await sql`create function auth.tomorrow() returns integer language sql return 1`
    return sql`
      select has_function_privilege('anon', 'auth.tomorrow()', 'execute') as anon,
        has_function_privilege(${`stranger_${process.pid}`}, 'auth.tomorrow()', 'execute') as anyone
    `
  })
  t.same(open, { anon: false, anyone: false })
})
