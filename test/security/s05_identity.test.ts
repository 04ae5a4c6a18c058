// S-05: who asks is said by a verified token, and by nothing else that a request holds.

import t from 'tap'
import { ask, createNotes, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { api, db, sql } = stack
await createNotes(sql)
const ann = await signUp(sql, 'ann@example.com')
const bob = await signUp(sql, 'bob@example.com')
await sql`insert into notes (user_id, title) values (${bob.id}, 'for bob only')`

/** Every way in which a request could say that it comes from Bob, or from an admin. */
const claims = JSON.stringify({ sub: bob.id, role: 'service_role', email: 'bob@example.com' })
const headers = {
  'x-user-id': bob.id,
  'x-jwt-claims': claims,
  'request.jwt.claims': claims,
  'x-forwarded-user': bob.id,
  'x-supabase-user-id': bob.id,
  cookie: `sub=${bob.id}; sb-access-token=${bob.token}; access_token=${bob.token}`,
  apikey: stack.serviceKey,
}
const names = {
  user_id: bob.id,
  sub: bob.id,
  id: bob.id,
  uid: bob.id,
  role: 'service_role',
  claims,
  request: claims,
  required: 'none',
  actor: bob.id,
  user: bob.id,
  aal: 'aal2',
  session_id: bob.id,
  access_token: bob.token,
  jwt: bob.token,
  'request.jwt.claims': claims,
}
const query = new URLSearchParams(names).toString()
const as = (token: string) => ({ ...headers, authorization: `Bearer ${token}` })

t.test('the user is the token’s, whatever else a request says', async (t) => {
  const seen = await fetch(`${api}/user?${query}`, { headers: as(ann.token) })
  t.match(await seen.json(), { id: ann.id, email: 'ann@example.com' })

  const changed = await fetch(`${api}/user?${query}`, {
    method: 'PUT',
    headers: as(ann.token),
    body: JSON.stringify({ ...names, data: { motto: 'mine' } }),
  })
  t.match(
    [changed.status, await changed.json()],
    [200, { id: ann.id, role: 'authenticated', user_metadata: { motto: 'mine' } }],
  )
  t.same(await sql`select id from auth.users where raw_user_meta_data ? 'motto'`, [{ id: ann.id }])
})

t.test('without a token there is nobody', async (t) => {
  const seen = await fetch(`${api}/user?${query}`, { headers })
  t.match([seen.status, await seen.json()], [401, { error_code: 'no_authorization' }])
  const users = await fetch(`${api}/admin/users?${query}`, { headers: { ...headers, apikey: '' } })
  t.equal(users.status, 401)
})

t.test('signing out ends the sessions of the token’s user only', async (t) => {
  const other = await signUp(sql, 'carl@example.com')
  const out = await fetch(`${api}/logout?${query}`, {
    method: 'POST',
    headers: as(other.token),
    body: JSON.stringify(names),
  })
  t.equal(out.status, 204)
  const left = await sql`select distinct user_id::text as id from auth.sessions`
  t.same(new Set(left.map(({ id }) => id)), new Set([ann.id, bob.id]))
})

t.test('rows are the token’s, and are written as the token’s', async (t) => {
  const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'apikey'))
  t.match(await ask(stack, 'notes?select=title', ann.token, { headers: plain }), {
    status: 200,
    body: [],
  })
  const forged = { headers: plain, body: { user_id: bob.id, title: 'forged' } }
  t.match(await ask(stack, 'notes', ann.token, forged), { status: 403 })
})

t.test('an answer says what SQL decided, and nothing of the request', async (t) => {
  const response = await fetch(`${api}/health?response.status=418`, {
    headers: { 'response.status': '418', 'response.headers': '[{"x-forged": "yes"}]' },
  })
  t.equal(response.status, 200)
  t.equal(response.headers.get('x-forged'), null)

  // Nor of the request before: a careless function of the application sets more than its own.
  await sql.unsafe(`
    create function auth.careless() returns jsonb language plpgsql as $$ begin
      perform set_config('response.status', '418', false);
      perform set_config('response.headers', '[{"set-cookie": "somebody=else"}]', false);
      perform set_config('request.jwt.claims', '{"sub": "${bob.id}", "role": "authenticated"}', false);
      return '{}';
    end $$;
    grant execute on function auth.careless to anon;
  `)
  const gateway = db.connect(db.gatewayUrl)
  const call = async (routine: string) => {
    const [row] = await gateway`
      select status, headers from auth_private.call(${routine}, '{}', '{"role": "anon"}', '{}')
    `
    return { ...row }
  }
  t.match(await call('careless'), { status: 418, headers: /somebody/ })
  t.match(await call('health'), { status: 200, headers: /^$/ })
})

t.test('no function that an API role may call says whose request it is', async (t) => {
  const setters = await sql`
    select p.oid::regprocedure::text as name
    from pg_proc p
    where p.pronamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and p.prosrc ~ 'set_config[[:space:]]*[(][[:space:]]*''(request[.]|role)'
      and has_function_privilege('service_role', p.oid, 'execute')
      and p.proname <> 'careless'
  `
  t.same(setters, [])
})
