// What an admin changes of a user.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { createSupabase } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, {
  smtp_max_frequency: '0',
  external_anonymous_users_enabled: true,
})
const admin = createAdmin(stack)
const ask = openAdmin(stack)
const password = 'correct horse battery'

/** A confirmed user, made by an admin. */
async function make(email: string): Promise<string> {
  const { data } = await admin.createUser({ email, password, email_confirm: true })
  return data.user?.id as string
}

/** Signs in; the client, and the access token. */
async function signIn(email: string, secret = password) {
  const supabase = createSupabase(stack)
  const { data, error } = await supabase.auth.signInWithPassword({ email, password: secret })
  return { supabase, error, token: data.session?.access_token as string }
}

/** What /user says to a token. */
async function seen(token: string): Promise<string> {
  const answer = await ask('GET', '/user', undefined, { authorization: `Bearer ${token}` })
  const body = answer.body as { email?: string; error_code?: string }
  return body.error_code ?? (body.email as string)
}

t.test('merges metadata, where null deletes a key', async (t) => {
  const id = await make('ann@example.com')
  await admin.updateUserById(id, {
    user_metadata: { name: 'Ann', city: 'Wien' },
    app_metadata: { plan: 'gold', seats: 3 },
  })
  const { data, error } = await admin.updateUserById(id, {
    user_metadata: { city: null },
    app_metadata: { plan: 'iron', seats: null },
  })
  t.equal(error, null)
  t.same(data.user?.user_metadata, { name: 'Ann', email_verified: true })
  t.same(data.user?.app_metadata, { provider: 'email', providers: ['email'], plan: 'iron' })
  t.same((await admin.getUserById(id)).data.user, data.user)
})

t.test('nothing to change changes nothing but updated_at', async (t) => {
  const id = await make('same@example.com')
  const before = (await admin.getUserById(id)).data.user
  const body = { email: '', phone: '', role: '', ban_duration: '', email_confirm: false }
  const answer = await ask('PUT', `/admin/users/${id}`, body)
  const { updated_at } = answer.body as { updated_at: string }
  t.same(answer, { status: 200, body: { ...before, updated_at } })
})

t.test('a password ends all sessions and voids what was mailed', async (t) => {
  const id = await make('bob@example.com')
  const { supabase, token } = await signIn('bob@example.com')
  await createSupabase(stack).auth.resetPasswordForEmail('bob@example.com')
  const [link] = (await stack.inbox.next('bob@example.com')).links

  t.equal((await admin.updateUserById(id, { password: 'a new password' })).error, null)
  t.equal(await seen(token), 'session_not_found')
  t.match((await supabase.auth.refreshSession()).error, { code: 'refresh_token_not_found' })
  const opened = await fetch(link as string, { redirect: 'manual' })
  t.match(opened.headers.get('location'), /error_code=otp_expired/)
  t.match((await signIn('bob@example.com')).error, { code: 'invalid_credentials' })
  t.equal((await signIn('bob@example.com', 'a new password')).error, null)
})

t.test('a ban takes effect at once, and is lifted by none', async (t) => {
  const id = await make('cid@example.com')
  const { token } = await signIn('cid@example.com')
  const banned = await admin.updateUserById(id, { ban_duration: '24h' })
  t.match(banned.data.user, { banned_until: String })
  t.equal(await seen(token), 'user_banned')
  t.match((await signIn('cid@example.com')).error, { code: 'user_banned' })

  const lifted = await admin.updateUserById(id, { ban_duration: 'none' })
  t.notOk((lifted.data.user as object & { banned_until?: string }).banned_until)
  t.equal(await seen(token), 'cid@example.com')
})

t.test('a role takes effect at once', async (t) => {
  const id = await make('dan@example.com')
  const { token } = await signIn('dan@example.com')
  t.match((await admin.updateUserById(id, { role: 'anon' })).data.user, { role: 'anon' })
  t.equal(await seen(token), 'not_admin', 'anon may not call what serves /user')
})

t.test('an address takes effect at once, and what the old one was mailed is void', async (t) => {
  const id = await make('eve@example.com')
  await createSupabase(stack).auth.resetPasswordForEmail('eve@example.com')
  const [link] = (await stack.inbox.next('eve@example.com')).links
  const { data } = await admin.updateUserById(id, { email: 'Eva@example.com' })
  t.match(data.user, {
    email: 'eva@example.com',
    identities: [{ email: 'eva@example.com', identity_data: { email_verified: false, sub: id } }],
  })
  t.equal((await signIn('eva@example.com')).error, null)
  const opened = await fetch(link as string, { redirect: 'manual' })
  t.match(opened.headers.get('location'), /error_code=otp_expired/)

  const confirmed = await admin.updateUserById(id, {
    email: 'eva2@example.com',
    email_confirm: true,
    phone: '+49 111',
    phone_confirm: true,
  })
  t.match(confirmed.data.user, {
    email: 'eva2@example.com',
    phone: '49111',
    phone_confirmed_at: String,
  })
  const data2 = confirmed.data.user?.identities?.map(({ provider, identity_data }) => ({
    provider,
    ...identity_data,
  }))
  t.same(data2, [
    {
      provider: 'email',
      sub: id,
      email: 'eva2@example.com',
      email_verified: true,
      phone_verified: false,
    },
    { provider: 'phone', sub: id, phone: '49111', email_verified: false, phone_verified: true },
  ])
})

t.test('confirms an address that its owner has not confirmed', async (t) => {
  const email = 'late@example.com'
  const { data } = await createSupabase(stack).auth.signUp({ email, password })
  const confirmed = await admin.updateUserById(data.user?.id as string, { email_confirm: true })
  t.match(confirmed.data.user, {
    email_confirmed_at: String,
    user_metadata: { email_verified: true },
    identities: [{ identity_data: { email_verified: true } }],
  })
  t.equal((await signIn(email)).error, null)
})

t.test('makes an anonymous user permanent by a confirmed address', async (t) => {
  const { data } = await createSupabase(stack).auth.signInAnonymously()
  const id = data.user?.id as string
  const unconfirmed = await admin.updateUserById(id, { email: 'fay@example.com' })
  t.match(unconfirmed.data.user, { is_anonymous: true, email: 'fay@example.com' })
  const confirmed = await admin.updateUserById(id, {
    email: 'fay@example.com',
    email_confirm: true,
  })
  t.match(confirmed.data.user, { is_anonymous: false, identities: [{ provider: 'email' }] })
})

t.test('refuses, and changes nothing', async (t) => {
  const id = await make('gil@example.com')
  await admin.createUser({ phone: '4922222' })
  const before = (await admin.getUserById(id)).data.user
  const invalid = (message: string) => refusal(400, 'validation_failed', message)
  const cases: [object, ReturnType<typeof refusal>][] = [
    [{ email: 'no' }, invalid('Unable to validate email address: invalid format')],
    [{ phone: 'no' }, invalid('Invalid phone number format (E.164 required)')],
    [
      { email: 'Ann@example.com' },
      refusal(422, 'email_exists', 'A user with this email address has already been registered'),
    ],
    [
      { phone: '4922222', role: 'anon' },
      refusal(422, 'phone_exists', 'Phone number already registered by another user'),
    ],
    [{ password: 'x'.repeat(73) }, invalid('Password cannot be longer than 72 characters')],
    [
      { ban_duration: 'forever', role: 'anon' },
      invalid('invalid format for ban duration: time: invalid duration "forever"'),
    ],
  ]
  for (const [body, answer] of cases) {
    t.same(await ask('PUT', `/admin/users/${id}`, body), answer, JSON.stringify(body))
  }
  t.match((await admin.updateUserById(id, { password: 'short' })).error, {
    code: 'weak_password',
    reasons: ['length'],
  })
  t.same((await admin.getUserById(id)).data.user, before)
})

t.test('takes a row made by an insert, with every other column null', async (t) => {
  const id = '6f2a1c9e-3b64-4f0a-9c0e-0d9b6a3e5f11'
  await stack.sql`insert into auth.users (id, aud) values (${id}, 'authenticated')`
  const { data } = await admin.updateUserById(id, {
    email: 'hal@example.com',
    email_confirm: true,
    password,
    role: 'authenticated',
    user_metadata: { a: 1 },
    app_metadata: { b: 2 },
  })
  t.match(data.user, { email: 'hal@example.com', user_metadata: { a: 1 }, app_metadata: { b: 2 } })
  t.equal((await signIn('hal@example.com')).error, null)
})

t.test('of two that want one address at once, one is told that it is taken', async (t) => {
  const ids = [await make('ivy@example.com'), await make('jon@example.com')]
  const answers = await Promise.all(
    ids.map((id) => ask('PUT', `/admin/users/${id}`, { email: 'both@example.com' })),
  )
  t.same(answers.map(({ status }) => status).sort(), [200, 422])
})
