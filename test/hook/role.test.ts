// A role that the hook custom_access_token puts into a token is what the request runs as.

import t from 'tap'
import { openHooks } from '../support/hooks.ts'
import { claimsOf, openUsers, refusal, type Session } from '../support/users.ts'

const users = await openUsers(t)
const { ask, ban, connect, gatewayUrl, join, settings, signIn, sql } = users
const hooks = await openHooks(users)
const name = 'custom_access_token'
const email = 'ann@example.com'
await join(email)

const giving = (role: string) =>
  hooks.on(name, `return jsonb_set(event, '{claims,role}', '"${role}"');`)

// Roles belong to the whole server, on which other tests run at the same time.
const staff = `staff_${process.pid}`
await sql.unsafe(`
  create role ${staff} nologin;
  grant authenticated to ${staff};
  grant ${staff} to authenticator;
  create table public.notes (body text);
  alter table public.notes enable row level security;
  grant select on public.notes to authenticated;
  create policy staff_only on public.notes to ${staff} using (true);
  insert into public.notes values ('for the staff');
  create function auth.whoami() returns jsonb language sql stable
    as $$ select jsonb_build_object('role', current_user, 'notes', (select count(*) from notes)) $$;
  revoke execute on function auth.whoami from public;
  grant execute on function auth.whoami to authenticated;
`)
t.teardown(async () => {
  await sql.unsafe(`drop owned by ${staff}; drop role ${staff}`)
})

/** As what a request of the session runs, and what it sees. */
const whoami = async (as: Session) => (await ask('whoami', {}, { as })).body

t.test('policies see the role that the hook gave, while it is on', async (t) => {
  const plain = await signIn(email)
  await giving(staff)
  const session = await signIn(email)
  t.equal(claimsOf(session).role, staff)
  t.equal(session.user.role, 'authenticated')
  t.same(await whoami(session), { role: staff, notes: 1 })
  t.same(await whoami(plain), { role: 'authenticated', notes: 0 })
  t.match(await ask('get_user', {}, { as: session }), { status: 200, body: { email } })

  await hooks.off(name)
  t.same(await whoami(session), { role: 'authenticated', notes: 0 })
})

t.test('the token still dies with its session, and with a ban', async (t) => {
  await giving(staff)
  const session = await signIn(email)
  await ask('signout', { scope: 'local' }, { as: session })
  t.same(
    await ask('whoami', {}, { as: session }),
    refusal(403, 'session_not_found', 'Session from session_id claim in JWT does not exist'),
  )
  const other = await signIn(email)
  await ban(email)
  t.same(await ask('whoami', {}, { as: other }), refusal(403, 'user_banned', 'User is banned'))
  await sql`update auth.users set banned_until = null`
})

t.test('a role that requests may not run as is refused', async (t) => {
  for (const role of ['auth_owner', 'authenticator', 'nobody_at_all', 'postgres', 'none']) {
    await giving(role)
    t.same(
      await ask('get_user', {}, { as: await signIn(email) }),
      refusal(
        403,
        'bad_jwt',
        'invalid claim: role claim must name a role that requests may run as',
      ),
      role,
    )
  }
})

t.test('PostgREST’s pre-request sees it alike', async (t) => {
  const gateway = connect(gatewayUrl)
  const preRequest = (session: Session) =>
    gateway.begin(async (sql) => {
      const claims = claimsOf(session)
      await sql`
        select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
          set_config('role', ${claims.role as string}, true)
      `
      await sql`select auth.pre_request()`
    })
  await giving(staff)
  const session = await signIn(email)
  await t.resolves(preRequest(session))
  await hooks.off(name)
  await t.rejects(preRequest(session), { code: 'PT403', message: /no longer the role/ })
  await giving(staff)
  await ask('signout', {}, { as: session })
  await t.rejects(preRequest(session), { code: 'PT403', message: /session_id claim/ })
})

t.test('makes no admin, unless it gives an admin’s role', async (t) => {
  const gateway = connect(gatewayUrl)
  const listUsers = async (as: Session) =>
    gateway`
      select status
      from auth_private.call('admin_list_users', '{}', ${gateway.json(claimsOf(as) as never)},
        '{}', required => 'admin')
    `.then(
      ([row]) => row?.status as number,
      (error) => error.message as string,
    )
  await giving(staff)
  t.equal(await listUsers(await signIn(email)), 'User not allowed')

  await settings({ jwt_admin_roles: ['service_role', staff] })
  t.match(await listUsers(await signIn(email)), 'permission denied for function')
  await settings({ jwt_admin_roles: ['service_role', 'supabase_admin'] })

  await giving('service_role')
  const admin = await signIn(email)
  t.equal(await listUsers(admin), 200)
  await hooks.off(name)
  t.equal(await listUsers(admin), 'User not allowed', 'the user’s own role counts again')
  await giving('service_role')
  await ask('signout', {}, { as: admin })
  t.equal(await listUsers(admin), 'Session is no longer valid')
})
