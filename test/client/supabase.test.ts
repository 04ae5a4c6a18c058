// The official client, unchanged, through everything it can do with an e-mail address.

import t from 'tap'
import { createSupabase, follow } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { smtp_max_frequency: '0' })

t.test('signs up, confirms by the mailed link, refreshes and signs out', async (t) => {
  const supabase = createSupabase(stack)
  const signedUp = await supabase.auth.signUp({
    email: 'Ann@Example.com',
    password: 'correct horse battery',
    options: { data: { name: 'Ann' } },
  })
  t.equal(signedUp.error, null)
  t.equal(signedUp.data.session, null)
  t.match(signedUp.data.user, { email: 'ann@example.com', user_metadata: { name: 'Ann' } })

  const early = await supabase.auth.signInWithPassword({
    email: 'ann@example.com',
    password: 'correct horse battery',
  })
  t.match(early.error, { code: 'email_not_confirmed', message: 'Email not confirmed', status: 400 })

  const mail = await stack.inbox.next('ann@example.com')
  t.equal(mail.subject, 'Confirm your email address')
  const fragment = await follow(mail.links[0] as string)
  t.match(fragment, { type: 'signup', token_type: 'bearer', expires_in: '3600' })

  const session = await supabase.auth.setSession({
    access_token: fragment.access_token as string,
    refresh_token: fragment.refresh_token as string,
  })
  t.match(session.data.user, { email: 'ann@example.com', email_confirmed_at: String })

  const refreshed = await supabase.auth.refreshSession()
  t.equal(refreshed.error, null)
  t.not(refreshed.data.session?.refresh_token, fragment.refresh_token)
  const token = refreshed.data.session?.access_token as string
  t.match((await supabase.auth.getUser(token)).data.user, { email: 'ann@example.com' })

  t.equal((await supabase.auth.signOut()).error, null)
  const late = await supabase.auth.getUser(token)
  t.equal(late.data.user, null)
  t.equal(late.error?.name, 'AuthSessionMissingError')
  const lateResponse = await fetch(`${stack.api}/auth/v1/user`, {
    headers: { authorization: `Bearer ${token}` },
  })
  t.match(await lateResponse.json(), { error_code: 'session_not_found' })
})

t.test('a link works once', async (t) => {
  const supabase = createSupabase(stack)
  await supabase.auth.signUp({ email: 'once@example.com', password: 'correct horse battery' })
  const [link] = (await stack.inbox.next('once@example.com')).links
  t.match(await follow(link as string), { type: 'signup' })
  t.match(await follow(link as string), { error: 'access_denied', error_code: 'otp_expired' })
})

t.test('signs in with the password, and refuses a wrong one', async (t) => {
  const supabase = createSupabase(stack)
  const wrong = await supabase.auth.signInWithPassword({
    email: 'ann@example.com',
    password: 'correct horse',
  })
  t.match(wrong.error, { code: 'invalid_credentials', message: 'Invalid login credentials' })

  const right = await supabase.auth.signInWithPassword({
    email: 'ann@example.com',
    password: 'correct horse battery',
  })
  t.match(right.data, {
    user: { email: 'ann@example.com' },
    session: { token_type: 'bearer', access_token: String, refresh_token: String },
  })
})

t.test('tells a weak password by code, message and reasons', async (t) => {
  const { error } = await createSupabase(stack).auth.signUp({
    email: 'weak@example.com',
    password: 'short',
  })
  t.match(error, {
    name: 'AuthWeakPasswordError',
    code: 'weak_password',
    message: 'Password should be at least 6 characters.',
    reasons: ['length'],
    status: 422,
  })
})

t.test('recovers a password by mail, which ends all other sessions', async (t) => {
  const other = createSupabase(stack)
  await other.auth.signInWithPassword({
    email: 'ann@example.com',
    password: 'correct horse battery',
  })

  const supabase = createSupabase(stack)
  t.equal((await supabase.auth.resetPasswordForEmail('ann@example.com')).error, null)
  const mail = await stack.inbox.next('ann@example.com')
  t.equal(mail.subject, 'Reset your password')
  const fragment = await follow(mail.links[0] as string)
  t.equal(fragment.type, 'recovery')
  await supabase.auth.setSession({
    access_token: fragment.access_token as string,
    refresh_token: fragment.refresh_token as string,
  })

  const same = await supabase.auth.updateUser({ password: 'correct horse battery' })
  t.match(same.error, { code: 'same_password', status: 422 })
  t.equal((await supabase.auth.updateUser({ password: 'a new password' })).error, null)

  t.not((await other.auth.getUser()).error, null)
  t.match(
    (
      await createSupabase(stack).auth.signInWithPassword({
        email: 'ann@example.com',
        password: 'correct horse battery',
      })
    ).error,
    { code: 'invalid_credentials' },
  )
  t.equal(
    (
      await createSupabase(stack).auth.signInWithPassword({
        email: 'ann@example.com',
        password: 'a new password',
      })
    ).error,
    null,
  )
})

t.test('signs a new person in by magic link', async (t) => {
  const supabase = createSupabase(stack)
  const asked = await supabase.auth.signInWithOtp({
    email: 'new@example.com',
    options: { data: { name: 'New' } },
  })
  t.equal(asked.error, null)
  const first = await follow((await stack.inbox.next('new@example.com')).links[0] as string)
  t.match(first, { type: 'signup', access_token: String })

  await supabase.auth.signInWithOtp({ email: 'new@example.com' })
  const mail = await stack.inbox.next('new@example.com')
  t.equal(mail.subject, 'Your sign-in link')
  t.match(await follow(mail.links[0] as string), { type: 'magiclink', access_token: String })
})

t.test('signs in by the mailed code', async (t) => {
  const supabase = createSupabase(stack)
  await supabase.auth.signInWithOtp({ email: 'new@example.com' })
  const mail = await stack.inbox.next('new@example.com')
  const [code] = /\b\d{6}\b/.exec(mail.text) as RegExpExecArray

  const wrong = await supabase.auth.verifyOtp({
    email: 'new@example.com',
    token: code === '000000' ? '000001' : '000000',
    type: 'email',
  })
  t.match(wrong.error, {
    code: 'otp_expired',
    message: 'Token has expired or is invalid',
    status: 403,
  })
  const right = await supabase.auth.verifyOtp({
    email: 'new@example.com',
    token: code,
    type: 'email',
  })
  t.match(right.data, { user: { email: 'new@example.com', user_metadata: { name: 'New' } } })
})

t.test('asks for no new user where shouldCreateUser is false', async (t) => {
  const { error } = await createSupabase(stack).auth.signInWithOtp({
    email: 'nobody@example.com',
    options: { shouldCreateUser: false },
  })
  t.match(error, { code: 'otp_disabled', message: 'Signups not allowed for otp', status: 422 })
})

t.test('ends a PKCE flow only in the browser that began it', async (t) => {
  const supabase = createSupabase(stack, { flowType: 'pkce' })
  await supabase.auth.signInWithOtp({ email: 'new@example.com' })
  const { code } = await follow((await stack.inbox.next('new@example.com')).links[0] as string)

  const other = createSupabase(stack, { flowType: 'pkce' })
  await other.auth.signInWithOtp({ email: 'somebody@example.com' })
  t.match((await other.auth.exchangeCodeForSession(code as string)).error, {
    code: 'bad_code_verifier',
  })
  const exchanged = await supabase.auth.exchangeCodeForSession(code as string)
  t.match(exchanged.data, { user: { email: 'new@example.com' }, session: { token_type: 'bearer' } })
})

t.test('changes user_metadata', async (t) => {
  const supabase = createSupabase(stack)
  await supabase.auth.signInWithPassword({ email: 'ann@example.com', password: 'a new password' })
  const changed = await supabase.auth.updateUser({ data: { name: 'Anna', city: 'Wien' } })
  t.match(changed.data.user?.user_metadata, { name: 'Anna', city: 'Wien', email: String })
})

t.test('signs out everywhere else', async (t) => {
  const here = createSupabase(stack)
  const there = createSupabase(stack)
  for (const client of [here, there]) {
    await client.auth.signInWithPassword({ email: 'ann@example.com', password: 'a new password' })
  }
  t.equal((await here.auth.signOut({ scope: 'others' })).error, null)
  t.equal((await here.auth.getUser()).error, null)
  t.not((await there.auth.getUser()).error, null)
})

t.test('changes the e-mail address once both addresses have agreed', async (t) => {
  const supabase = createSupabase(stack)
  await supabase.auth.signInWithPassword({ email: 'ann@example.com', password: 'a new password' })
  t.match((await supabase.auth.updateUser({ email: 'new@example.com' })).error, {
    code: 'email_exists',
  })

  const asked = await supabase.auth.updateUser({ email: 'Anna@Example.com' })
  t.match(asked.data.user, { email: 'ann@example.com', new_email: 'anna@example.com' })
  const current = await stack.inbox.next('ann@example.com')
  const future = await stack.inbox.next('anna@example.com')
  t.equal(current.subject, 'Confirm your new email address')

  t.match(await follow(current.links[0] as string), { message: /Confirmation link accepted/ })
  t.match((await supabase.auth.getUser()).data.user, { email: 'ann@example.com' })
  t.match(await follow(current.links[0] as string), { error_code: 'otp_expired' })

  t.match(await follow(future.links[0] as string), { type: 'email_change', access_token: String })
  t.match((await supabase.auth.getUser()).data.user, {
    email: 'anna@example.com',
    new_email: undefined,
    identities: [{ identity_data: { email: 'anna@example.com', email_verified: true } }],
  })
})

t.test('confirms a change of address by the mailed codes, too', async (t) => {
  const supabase = createSupabase(stack)
  await supabase.auth.signInWithPassword({ email: 'anna@example.com', password: 'a new password' })
  await supabase.auth.updateUser({ email: 'ann@example.com' })
  const codes: Record<string, string> = {}
  for (const email of ['anna@example.com', 'ann@example.com']) {
    codes[email] = (/\b\d{6}\b/.exec((await stack.inbox.next(email)).text) as RegExpExecArray)[0]
  }

  const type = 'email_change'
  const first = await supabase.auth.verifyOtp({
    type,
    email: 'anna@example.com',
    token: codes['anna@example.com'] as string,
  })
  t.match([first.error, first.data.session], [null, null])
  const second = await supabase.auth.verifyOtp({
    type,
    email: 'ann@example.com',
    token: codes['ann@example.com'] as string,
  })
  t.match(second.data.user, { email: 'ann@example.com' })
})

t.test('sends the confirmation once more', async (t) => {
  const supabase = createSupabase(stack)
  await supabase.auth.signUp({ email: 'again@example.com', password: 'correct horse battery' })
  const first = await stack.inbox.next('again@example.com')
  t.equal((await supabase.auth.resend({ type: 'signup', email: 'again@example.com' })).error, null)
  const second = await stack.inbox.next('again@example.com')
  t.match(await follow(first.links[0] as string), { error_code: 'otp_expired' })
  t.match(await follow(second.links[0] as string), { type: 'signup' })
})

t.test('asks an old session for a mailed code before the password changes', async (t) => {
  await stack.configure({ security_update_password_require_reauthentication: 'true' })
  const supabase = createSupabase(stack)
  await supabase.auth.signInWithPassword({ email: 'ann@example.com', password: 'a new password' })
  await stack.sql`update auth.sessions set created_at = now() - interval '25 hours'`

  const password = 'the newest password'
  t.match((await supabase.auth.updateUser({ password })).error, { code: 'reauthentication_needed' })
  await supabase.auth.reauthenticate()
  const mail = await stack.inbox.next('ann@example.com')
  const nonce = /\d{6}/.exec(mail.subject)?.[0] as string
  const wrong = nonce === '000000' ? '000001' : '000000'
  t.match((await supabase.auth.updateUser({ password, nonce: wrong })).error, {
    code: 'reauthentication_not_valid',
  })
  t.match((await supabase.auth.updateUser({ password: 'a new password', nonce })).error, {
    code: 'same_password',
  })
  t.equal((await supabase.auth.updateUser({ password, nonce })).error, null)
  await stack.configure({ security_update_password_require_reauthentication: 'false' })
})
