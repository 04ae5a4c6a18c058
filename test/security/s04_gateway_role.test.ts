// S-04: the gateway's login can do nothing by itself, and one connection that serves many people
// shows each of them only what is theirs.

import t from 'tap'
import { openUsers } from '../support/users.ts'

const { connect, gatewayUrl, join, sql, workerUrl } = await openUsers(t)

t.test('the logins are no more than they must be, and own nothing', async (t) => {
  const logins = await sql`
    select rolname as name, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
        or rolreplication as powerful, rolinherit as inherits,
      pg_has_role(oid, 'auth_owner', 'member') as owner,
      (select count(*)::integer from pg_shdepend d where d.refobjid = r.oid and d.deptype = 'o') as owns
    from pg_roles r
    where rolname in ('authenticator', 'auth_worker')
    order by rolname collate "C"
  `
  const nothing = { powerful: false, inherits: false, owner: false, owns: 0 }
  t.same(logins, [
    { name: 'auth_worker', ...nothing },
    { name: 'authenticator', ...nothing },
  ])
})

t.test('a plan made for one person shows the next one nothing of hers', async (t) => {
  await sql.unsafe(`
    create table notes (user_id uuid not null default auth.uid(), body text);
    alter table notes enable row level security;
    create policy mine on notes to authenticated using (user_id = auth.uid());
    grant select, insert on notes to authenticated;
    create function auth.my_notes() returns jsonb language sql stable
      as 'select jsonb_agg(body) from public.notes';
    grant execute on function auth.my_notes to anon, authenticated;
    grant select on notes to anon;
  `)
  const gateway = connect(gatewayUrl)
  const notes = async (claims: object) => {
    const [row] = await gateway`
      select body::jsonb as body from auth_private.call(
        'my_notes', '{}', ${gateway.json(claims as never)}, '{"method": "GET"}')
    `
    return row?.body
  }
  const people = []
  for (const email of ['ann@example.com', 'bob@example.com']) {
    const { user } = await join(email)
    await sql`insert into notes values (${user.id}, ${email})`
    people.push({ email, claims: { sub: user.id, role: 'authenticated' } })
  }
  // Seven times, since Postgres keeps a plan after the fifth.
  for (let n = 0; n < 7; n++) {
    for (const { email, claims } of people) t.same(await notes(claims), [email])
    t.same(await notes({ role: 'anon' }), null)
  }
  const [left] = await gateway`
    select current_user as role, current_setting('request.jwt.claims', true) as claims
  `
  t.same(left, { role: 'authenticator', claims: '' }, 'nothing stays on the connection')
})

t.test('neither login reads a row by itself', async (t) => {
  for (const url of [gatewayUrl, workerUrl]) {
    await t.rejects(connect(url)`select from auth.users`, { code: '42501' })
    await t.rejects(connect(url)`select from public.notes`, { code: '42501' })
  }
})
