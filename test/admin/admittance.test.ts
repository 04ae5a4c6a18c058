// Who may ask for what admins may: over HTTP by the role in the token, in SQL by the grants.

import { SignJWT } from 'jose'
import t from 'tap'
import { routes } from '../../gateway/routes.ts'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { createSupabase } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
const admin = createAdmin(stack)
const ask = openAdmin(stack)
const password = 'correct horse battery'
const notAdmin = refusal(403, 'not_admin', 'User not allowed')
const expired = refusal(403, 'session_expired', 'Session is no longer valid')

/** A user with this role, signed in: the access token. */
async function signedIn(email: string, role: string) {
  const made = await admin.createUser({ email, password, email_confirm: true, role })
  const { data } = await createSupabase(stack).auth.signInWithPassword({ email, password })
  return { id: made.data.user?.id as string, token: data.session?.access_token as string }
}

/** A request for the list of users. */
const list = (token: string) =>
  ask('GET', '/admin/users', undefined, { authorization: `Bearer ${token}` })

/** A token of ours with these claims. */
async function sign(claims: Record<string, unknown>): Promise<string> {
  const [key] = await stack.sql`
    select secret from auth_private.signing_keys where status = 'in_use'
  `
  const secret = new TextEncoder().encode(key?.secret)
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret)
}

t.test('every endpoint for admins refuses everybody else', async (t) => {
  const user = await signedIn('user@example.com', 'authenticated')
  const endpoints = routes.filter(({ auth }) => auth === 'admin')
  t.equal(endpoints.length, 15)
  for (const { method, path, params } of endpoints) {
    for (const id of [user.id, 'no-id']) {
      const asked = path.replace(':user_id', id)
      const body = params ? {} : undefined
      const title = `${method} ${asked}`
      t.same(
        await ask(method, asked, body, {}),
        refusal(401, 'no_authorization', 'This endpoint requires a valid Bearer token'),
        title,
      )
      for (const token of [stack.anonKey, user.token]) {
        const headers = { authorization: `Bearer ${token}` }
        t.same(await ask(method, asked, body, headers), notAdmin, title)
      }
      t.match(await ask(method, asked, body, { authorization: 'Bearer a.b.c' }), {
        status: 403,
        body: { error_code: 'bad_jwt' },
      })
    }
  }
})

t.test('a user with the role of an admin is one, until the role is taken away', async (t) => {
  const { id, token } = await signedIn('boss@example.com', 'service_role')
  t.match(await list(token), { status: 200 })
  await admin.updateUserById(id, { ban_duration: '1h' })
  t.same(await list(token), refusal(403, 'user_banned', 'User is banned'))
  await admin.updateUserById(id, { ban_duration: 'none' })
  t.match(await list(token), { status: 200 })
  await admin.updateUserById(id, { role: 'authenticated' })
  t.same(await list(token), notAdmin)
})

t.test('the session of an admin must live, and be in time', async (t) => {
  const old = await signedIn('old@example.com', 'service_role')
  await stack.sql`
    update auth.sessions set not_after = now() - interval '1 minute' where user_id = ${old.id}
  `
  t.same(await list(old.token), expired)

  const gone = await signedIn('gone@example.com', 'service_role')
  await stack.sql`delete from auth.sessions where user_id = ${gone.id}`
  t.same(await list(gone.token), expired)

  const deleted = await signedIn('deleted@example.com', 'service_role')
  await admin.deleteUser(deleted.id, true)
  t.same(await list(deleted.token), expired)

  const other = await signedIn('other@example.com', 'service_role')
  const [session] = await stack.sql`select id from auth.sessions where user_id = ${other.id}`
  const session_id = session?.id as string
  const odd: Record<string, unknown>[] = [
    { session_id },
    { session_id, sub: old.id },
    { session_id: 'none', sub: other.id },
  ]
  for (const claims of odd) {
    t.same(await list(await sign({ role: 'service_role', ...claims })), expired)
  }
  t.match(await list(await sign({ role: 'service_role', session_id, sub: other.id })), {
    status: 200,
  })
})

t.test('an admin’s older session stays one: only refreshing asks for the newest', async (t) => {
  await stack.configure({ sessions_single_per_user: true, sessions_allow_low_aal: '1h' })
  const { id, token } = await signedIn('twice@example.com', 'service_role')
  const email = 'twice@example.com'
  await createSupabase(stack).auth.signInWithPassword({ email, password })
  t.match(await list(token), { status: 200 })

  await stack.sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (gen_random_uuid(), ${id}, 'totp', 'verified', now(), now())
  `
  t.match(await list(token), { status: 200 })
  await stack.sql`
    update auth.sessions set created_at = created_at - interval '61 minutes' where user_id = ${id}
  `
  t.same(await list(token), expired, 'without its second factor for too long')
  await stack.configure({ sessions_single_per_user: false, sessions_allow_low_aal: null })
})

t.test('a token without a session needs the role and nothing else', async (t) => {
  t.match(await list(await sign({ role: 'service_role' })), { status: 200 })
  for (const role of ['', 'authenticator', 'auth_owner', 'postgres', 'SERVICE_ROLE', null]) {
    t.same(await list(await sign({ role })), notAdmin, String(role))
  }
  t.same(await list(await sign({})), notAdmin)
})

t.test('other roles can be admins; their grants say of what', async (t) => {
  const role = `operator_${process.pid}`
  await stack.sql.unsafe(`
    create role ${role};
    grant ${role} to authenticator;
    grant usage on schema auth to ${role};
    grant execute on function auth.admin_get_user to ${role};
  `)
  t.teardown(async () => {
    await stack.sql.unsafe(`drop owned by ${role}; drop role ${role}`)
  })
  await stack.configure({ jwt_admin_roles: ['service_role', role, 'supabase_admin'] })
  const token = await sign({ role })
  const headers = { authorization: `Bearer ${token}` }
  const [user] = await stack.sql`select id from auth.users where email = 'user@example.com'`
  t.match(await ask('GET', `/admin/users/${user?.id}`, undefined, headers), { status: 200 })
  t.same(await list(token), notAdmin)
  t.match(await list(await sign({ role: 'supabase_admin' })), {
    status: 403,
    body: { error_code: 'bad_jwt' },
  })
  await stack.configure({ jwt_admin_roles: 'service_role' })
  t.same(await ask('GET', `/admin/users/${user?.id}`, undefined, headers), notAdmin)
})

t.test('anon and authenticated can never be admins', async (t) => {
  for (const roles of ['anon', 'service_role,authenticated', '']) {
    await t.rejects(stack.configure({ jwt_admin_roles: roles }), /jwt_admin_roles may not be/)
  }
})

t.test('in SQL, service_role may call what the others may not', async (t) => {
  const [user] = await stack.sql`select id from auth.users where email = 'user@example.com'`
  const calls = [
    `auth.admin_create_user('sql@example.com')`,
    `auth.admin_get_user('${user?.id}')`,
    `auth.admin_list_users(page => 1, per_page => 2)`,
    `auth.admin_update_user('${user?.id}', user_metadata => '{"a": 1}')`,
    `auth.invite('guest@example.com')`,
    `auth.admin_generate_link('magiclink', 'user@example.com')`,
    `auth.admin_audit('action:invited')`,
    `auth.admin_delete_user('${user?.id}')`,
  ]
  for (const call of calls) {
    for (const role of ['anon', 'authenticated']) {
      const tried = stack.sql.begin(async (sql) => {
        await sql`set local role ${sql(role)}`
        return sql.unsafe(`select ${call}`)
      })
      await t.rejects(tried, { code: '42501' }, `${role}: ${call}`)
    }
    const [row] = await stack.sql.begin(async (sql) => {
      await sql`set local role service_role`
      return sql.unsafe(`select ${call} as answer`)
    })
    t.ok(row?.answer, call)
  }
  const [entry] = await stack.sql`
    select payload ->> 'actor_username' as actor from auth.audit_log_entries
    order by created_at desc limit 1
  `
  t.equal(entry?.actor, 'service_role', 'the log says as whom')
})

t.test('an admin signs a user out by the user’s own token', async (t) => {
  const { token } = await signedIn('leaver@example.com', 'authenticated')
  t.equal((await admin.signOut(token)).error, null)
  t.match(await ask('GET', '/user', undefined, { authorization: `Bearer ${token}` }), {
    body: { error_code: 'session_not_found' },
  })

  const stays = await signedIn('stays@example.com', 'authenticated')
  t.equal((await admin.signOut(stays.token, 'others')).error, null)
  t.match(await ask('GET', '/user', undefined, { authorization: `Bearer ${stays.token}` }), {
    status: 200,
  })
})
