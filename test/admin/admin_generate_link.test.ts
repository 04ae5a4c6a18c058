// Links that are made and not mailed.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { createSupabase, follow } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { uri_allow_list: ['https://app.example.com/**'] })
const admin = createAdmin(stack)
const ask = openAdmin(stack)
const password = 'correct horse battery'

/** A confirmed user. */
async function make(email: string): Promise<void> {
  await admin.createUser({ email, password, email_confirm: true })
}

t.test('makes a sign-up link, which works once', async (t) => {
  const { data, error } = await admin.generateLink({
    type: 'signup',
    email: 'Ann@Example.com',
    password,
    options: { data: { name: 'Ann' }, redirectTo: 'https://app.example.com/welcome' },
  })
  t.equal(error, null)
  t.match(data.user, {
    email: 'ann@example.com',
    confirmation_sent_at: String,
    identities: [{ identity_data: { email: 'ann@example.com' } }],
  })
  t.same(data.user?.user_metadata, { name: 'Ann' })
  const { hashed_token, email_otp, action_link } = data.properties as Record<string, string>
  t.same(data.properties, {
    action_link:
      `${stack.api}/verify?token=${hashed_token}&type=signup` +
      '&redirect_to=https://app.example.com/welcome',
    email_otp,
    hashed_token,
    verification_type: 'signup',
    redirect_to: 'https://app.example.com/welcome',
  })
  t.match([email_otp, hashed_token], [/^\d{6}$/, /^[0-9a-f]{64}$/])

  t.match(await follow(action_link as string), { type: 'signup', access_token: String })
  t.match(await follow(action_link as string), { error_code: 'otp_expired' })
  const signedIn = await createSupabase(stack).auth.signInWithPassword({
    email: 'ann@example.com',
    password,
  })
  t.equal(signedIn.error, null)
  t.equal(stack.inbox.waiting().length, 0, 'and nothing is mailed')
})

t.test('each type gives a link, a token_hash and a code, and each signs in', async (t) => {
  const types = {
    signup: 'confirmation_sent_at',
    invite: 'confirmation_sent_at',
    magiclink: 'recovery_sent_at',
    recovery: 'recovery_sent_at',
  } as const
  for (const [type, sent] of Object.entries(types)) {
    const email = `${type}@example.com`
    const known = type === 'magiclink' || type === 'recovery'
    if (known) await make(email)
    const generate = async () => {
      const answer = await ask('POST', '/admin/generate_link', { type, email, password })
      t.match(answer, { status: 200, body: { verification_type: type, [sent]: String } }, type)
      return answer.body as Record<string, string>
    }
    const asUser = createSupabase(stack).auth
    if (known) {
      const link = await follow((await generate()).action_link as string)
      t.match(link, { type, access_token: String }, `${type} by link`)
      const token_hash = (await generate()).hashed_token as string
      const byHash = await asUser.verifyOtp({ type: type as 'recovery', token_hash })
      t.match(byHash.data.user, { email }, `${type} by token_hash`)
    }
    const token = (await generate()).email_otp as string
    const byCode = await asUser.verifyOtp({ type: type as 'recovery', email, token })
    t.match(byCode.data.user, { email, email_confirmed_at: String }, `${type} by code`)
  }
})

t.test('a magic link for someone new is a sign-up, without a password', async (t) => {
  const { data } = await admin.generateLink({ type: 'magiclink', email: 'new@example.com' })
  t.match(data.properties, { verification_type: 'signup', action_link: /&type=signup&/ })
  t.match(await follow(data.properties?.action_link as string), { type: 'signup' })
})

t.test('for an unconfirmed user, signup merges the data and keeps the password', async (t) => {
  const email = 'twice@example.com'
  const first = { type: 'signup', email, password, data: { a: 1, b: 1 } }
  await ask('POST', '/admin/generate_link', first)
  const second = { type: 'signup', email, password: 'another one', data: { a: null, c: 1 } }
  const { body } = await ask('POST', '/admin/generate_link', second)
  const { user_metadata, action_link } = body as { user_metadata: object; action_link: string }
  t.same(user_metadata, { b: 1, c: 1 })
  await follow(action_link)
  const signIn = (secret: string) =>
    createSupabase(stack).auth.signInWithPassword({ email, password: secret })
  t.equal((await signIn(password)).error, null)
  t.match((await signIn('another one')).error, { code: 'invalid_credentials' })
})

t.test('both addresses confirm a change', async (t) => {
  await make('old@example.com')
  const change = { email: 'old@example.com', newEmail: 'New-Address@example.com' }
  const current = await admin.generateLink({ type: 'email_change_current', ...change })
  t.match(current.data, {
    user: { email: 'old@example.com', new_email: 'new-address@example.com' },
    properties: { verification_type: 'email_change_current', action_link: /&type=email_change&/ },
  })
  const wanted = await admin.generateLink({ type: 'email_change_new', ...change })
  t.match(wanted.data.properties, { verification_type: 'email_change_new' })

  t.match(await follow(current.data.properties?.action_link as string), { message: /accepted/ })
  const verified = await createSupabase(stack).auth.verifyOtp({
    type: 'email_change',
    token_hash: wanted.data.properties?.hashed_token as string,
  })
  t.match(verified.data.user, { email: 'new-address@example.com' })
})

t.test('a link for one new address does not confirm another', async (t) => {
  await make('fox@example.com')
  const ask1 = { type: 'email_change_new', email: 'fox@example.com', new_email: 'one@example.com' }
  const { body } = await ask('POST', '/admin/generate_link', ask1)
  const ask2 = { ...ask1, type: 'email_change_current', new_email: 'two@example.com' }
  await ask('POST', '/admin/generate_link', ask2)
  const link = (body as { action_link: string }).action_link
  t.match(await follow(link), { error_code: 'otp_expired' })
})

t.test('leads where body, query or header say, if that is allowed', async (t) => {
  const allowed = 'https://app.example.com/a'
  const body = { type: 'recovery', email: 'ann@example.com' }
  const query = '?redirect_to=https://app.example.com/query'
  const cases: [string, object, string][] = [
    ['', { ...body, redirect_to: allowed }, allowed],
    [query, { ...body, redirect_to: allowed }, allowed],
    [query, body, 'https://app.example.com/query'],
    ['', { ...body, redirect_to: 'https://evil.example.org' }, 'http://localhost:3000'],
    ['', body, 'http://localhost:3000'],
  ]
  for (const [search, asked, redirect_to] of cases) {
    const answer = await ask('POST', `/admin/generate_link${search}`, asked)
    t.match(answer.body, { redirect_to })
  }
})

t.test('writes what is told of it into the audit log', async (t) => {
  const events = await stack.sql`
    select payload ->> 'action' as action, payload ->> 'actor_username' as actor
    from auth.audit_log_entries
    where payload ->> 'action' in ('user_recovery_requested', 'user_invited')
    order by created_at
  `
  const told = new Set(events.map(({ action, actor }) => `${action} by ${actor}`))
  t.ok(told.has('user_invited by service_role'))
  t.ok(told.has('user_recovery_requested by recovery@example.com'))
})

t.test('refuses', async (t) => {
  const email = 'nobody@example.com'
  const invalid = (message: string) => refusal(400, 'validation_failed', message)
  const unknown = refusal(404, 'user_not_found', 'User with this email not found')
  const taken = refusal(
    422,
    'email_exists',
    'A user with this email address has already been registered',
  )
  const ann = { email: 'ann@example.com' }
  const cases: [object, ReturnType<typeof refusal>][] = [
    [{ type: 'recovery' }, invalid('An email address is required')],
    [
      { type: 'recovery', email: 'no' },
      invalid('Unable to validate email address: invalid format'),
    ],
    [{ type: 'sms', email }, invalid('Invalid email action link type requested: sms')],
    [ann, invalid('Invalid email action link type requested: ')],
    [{ type: 'signup', email }, invalid('Signup requires a valid password')],
    [{ type: 'recovery', email }, unknown],
    [{ type: 'email_change_current', email, new_email: 'x@example.com' }, unknown],
    [{ type: 'email_change_new', email, new_email: 'x@example.com' }, unknown],
    [{ type: 'signup', ...ann, password }, taken],
    [{ type: 'invite', ...ann }, taken],
    [{ type: 'email_change_new', ...ann, new_email: 'recovery@example.com' }, taken],
    [{ type: 'email_change_new', ...ann }, invalid('An email address is required')],
  ]
  for (const [body, answer] of cases) {
    t.same(await ask('POST', '/admin/generate_link', body), answer, JSON.stringify(body))
  }
  t.match(await ask('POST', '/admin/generate_link', { type: 'signup', email, password: 'abc' }), {
    status: 422,
    body: { error_code: 'weak_password', weak_password: { reasons: ['length'] } },
  })

  await stack.configure({ mailer_secure_email_change_enabled: false })
  t.same(
    await ask('POST', '/admin/generate_link', {
      type: 'email_change_current',
      ...ann,
      new_email: 'x@example.com',
    }),
    invalid('Enable secure email change to generate link for current email'),
  )
})
