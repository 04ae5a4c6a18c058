// Signing in without any address, and adding one later.

import t from 'tap'
import { createSupabase, follow } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { external_anonymous_users_enabled: 'true' })

t.test('signs in without any address', async (t) => {
  const { data, error } = await createSupabase(stack).auth.signInAnonymously({
    options: { data: { name: 'Guest' } },
  })
  t.equal(error, null)
  t.match(data, {
    user: { is_anonymous: true, email: '', app_metadata: {}, user_metadata: { name: 'Guest' } },
    session: { token_type: 'bearer', access_token: String },
  })
  t.same(data.user?.identities, [])
})

t.test('becomes permanent once the mailed link has been followed', async (t) => {
  const supabase = createSupabase(stack)
  const { data } = await supabase.auth.signInAnonymously()
  t.match((await supabase.auth.updateUser({ password: 'correct horse battery' })).error, {
    code: 'validation_failed',
    message: 'Updating password of an anonymous user without an email or phone is not allowed',
  })

  t.equal((await supabase.auth.updateUser({ email: 'guest@example.com' })).error, null)
  t.match((await supabase.auth.getUser()).data.user, { is_anonymous: true, email: '' })
  await follow((await stack.inbox.next('guest@example.com')).links[0] as string)

  t.match((await supabase.auth.getUser()).data.user, {
    id: data.user?.id,
    is_anonymous: false,
    email: 'guest@example.com',
    app_metadata: { provider: 'email', providers: ['email'] },
    identities: [{ provider: 'email', identity_data: { email_verified: true } }],
  })
  await supabase.auth.refreshSession()
  t.equal((await supabase.auth.getClaims()).data?.claims.is_anonymous, false)
})

t.test('becomes permanent at once where addresses are not confirmed', async (t) => {
  await stack.configure({ mailer_autoconfirm: 'true' })
  const supabase = createSupabase(stack)
  await supabase.auth.signInAnonymously()
  const updated = await supabase.auth.updateUser({
    email: 'quick@example.com',
    password: 'correct horse battery',
  })
  t.match(updated.data.user, {
    is_anonymous: false,
    email: 'quick@example.com',
    app_metadata: { provider: 'email', providers: ['email'] },
  })
  await stack.configure({ mailer_autoconfirm: 'false' })
})

t.test('is refused where it is off', async (t) => {
  await stack.configure({ external_anonymous_users_enabled: 'false' })
  t.match((await createSupabase(stack).auth.signInAnonymously()).error, {
    code: 'anonymous_provider_disabled',
    message: 'Anonymous sign-ins are disabled',
    status: 422,
  })
})
