// How users go: with everything, or leaving a row that tells nothing.

import { createHash } from 'node:crypto'
import t from 'tap'
import { createAdmin, openAdmin } from '../support/admin.ts'
import { createSupabase } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const admin = createAdmin(stack)
const ask = openAdmin(stack)
const password = 'correct horse battery'
const hash = (text: string) => createHash('sha256').update(text).digest('base64url')

/** Signs up: the id, and the access token of the session. */
async function join(email: string) {
  const { data } = await createSupabase(stack).auth.signUp({
    email,
    password,
    options: { data: { name: 'somebody' } },
  })
  return { id: data.user?.id as string, token: data.session?.access_token as string }
}

t.test('deletes a user with all that belongs to it, at once', async (t) => {
  const { id, token } = await join('ann@example.com')
  const { data, error } = await admin.deleteUser(id)
  t.equal(error, null)
  t.match(data.user, { id, email: 'ann@example.com' })
  t.match(await ask('GET', '/user', undefined, { authorization: `Bearer ${token}` }), {
    status: 403,
    body: { error_code: 'user_not_found' },
  })
  const [left] = await stack.sql`
    select
      (select count(*)::integer from auth.users where id = ${id}) as users,
      (select count(*)::integer from auth.identities where user_id = ${id}) as identities,
      (select count(*)::integer from auth.sessions where user_id = ${id}) as sessions
  `
  t.same(left, { users: 0, identities: 0, sessions: 0 })
  t.equal((await admin.deleteUser(id)).error?.code, 'user_not_found')
})

t.test('takes a request without a body', async (t) => {
  const { id } = await join('bob@example.com')
  t.same(await ask('DELETE', `/admin/users/${id}`), { status: 200, body: {} })
})

t.test('a soft delete leaves a row that tells nothing, and a free address', async (t) => {
  const email = 'cid@example.com'
  const { id, token } = await join(email)
  await stack.sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (gen_random_uuid(), ${id}, 'totp', 'verified', now(), now())
  `
  await createSupabase(stack).auth.resetPasswordForEmail(email)
  const [link] = (await stack.inbox.next(email)).links

  t.equal((await admin.deleteUser(id, true)).error, null)
  const { body } = await ask('GET', `/admin/users/${id}`)
  const { identities: [identity] = [], ...user } = body as {
    identities?: Record<string, string>[]
    created_at: string
    [key: string]: unknown
  }
  t.match(user, { deleted_at: String })
  t.same(user, {
    id,
    aud: 'authenticated',
    role: 'authenticated',
    email: hash(`${id}${email}`),
    phone: hash(id).slice(0, 15),
    new_email: hash(id),
    new_phone: hash(id).slice(0, 15),
    email_confirmed_at: user.email_confirmed_at,
    confirmed_at: user.confirmed_at,
    recovery_sent_at: user.recovery_sent_at,
    last_sign_in_at: user.last_sign_in_at,
    created_at: user.created_at,
    updated_at: user.updated_at,
    deleted_at: user.deleted_at,
    is_anonymous: false,
    app_metadata: {},
    user_metadata: {},
  })
  t.match(identity, { id: hash(`${id}email:${id}`), identity_data: {}, provider: 'email' })
  t.notOk(identity?.email)

  t.match(await ask('GET', '/user', undefined, { authorization: `Bearer ${token}` }), {
    body: { error_code: 'user_not_found' },
  })
  const opened = await fetch(link as string, { redirect: 'manual' })
  t.match(opened.headers.get('location'), /error_code=otp_expired/)
  const supabase = createSupabase(stack)
  const late = await supabase.auth.signInWithPassword({ email, password })
  t.match(late.error, { code: 'invalid_credentials' })

  t.equal((await admin.deleteUser(id, true)).error, null, 'once more changes nothing')
  t.same((await ask('GET', `/admin/users/${id}`)).body, body)
  t.not((await join(email)).id, id, 'someone can sign up with the address')
})

t.test('takes rows made by an insert, with every other column null', async (t) => {
  const id = '6f2a1c9e-3b64-4f0a-9c0e-0d9b6a3e5f11'
  await stack.sql`insert into auth.users (id) values (${id})`
  t.equal((await admin.deleteUser(id, true)).error, null)
  t.equal((await admin.deleteUser(id)).error, null)
})

t.test('a code that waits to be exchanged opens nothing any more', async (t) => {
  const { id } = await join('dan@example.com')
  const verifier = 'v'.repeat(43)
  await stack.sql`
    insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge,
      provider_type, authentication_method, created_at, updated_at)
    values (gen_random_uuid(), ${id}, auth_private.sha256_hex('code'), 'plain', ${verifier},
      'email', 'recovery', now(), now())
  `
  await admin.deleteUser(id, true)
  t.match(
    await ask('POST', '/token?grant_type=pkce', { auth_code: 'code', code_verifier: verifier }),
    { body: { error_code: 'flow_state_not_found' } },
  )
})

t.test('refuses a body that says something else', async (t) => {
  const { id } = await join('eve@example.com')
  t.match(await ask('DELETE', `/admin/users/${id}`, { should_soft_delete: 'yes' }), {
    status: 400,
    body: { error_code: 'bad_json' },
  })
})
