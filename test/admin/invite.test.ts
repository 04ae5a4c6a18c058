// Invitations.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { createSupabase, follow } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, {
  disable_signup: true,
  mailer_urlpaths_invite: '/auth/v1/verify',
})
const admin = createAdmin(stack)
const ask = openAdmin(stack)
const taken = refusal(
  422,
  'email_exists',
  'A user with this email address has already been registered',
)

t.test('mails a link that signs the guest in', async (t) => {
  const { data, error } = await admin.inviteUserByEmail('Ann@Example.com', {
    data: { team: 'red' },
    redirectTo: 'http://localhost:3000/welcome',
  })
  t.equal(error, null)
  t.match(data.user, {
    email: 'ann@example.com',
    invited_at: String,
    confirmation_sent_at: data.user?.invited_at,
    user_metadata: { team: 'red' },
    identities: [{ provider: 'email', identity_data: { email: 'ann@example.com' } }],
  })
  t.notOk(data.user?.email_confirmed_at)

  const mail = await stack.inbox.next('ann@example.com')
  t.equal(mail.subject, "You've been invited")
  const [link] = mail.links
  t.match(
    link,
    /\/auth\/v1\/verify\?token=\w+&type=invite&redirect_to=http:\/\/localhost:3000\/welc/,
  )
  const fragment = await follow(link as string)
  t.match(fragment, { type: 'invite', access_token: String })
  const session = await createSupabase(stack).auth.getUser(fragment.access_token)
  t.match(session.data.user, { email: 'ann@example.com', email_confirmed_at: String })
})

t.test('invites again while there is no answer, and the last link counts', async (t) => {
  const first = await ask('POST', '/invite', { email: 'bob@example.com', data: { n: 1 } })
  const again = await ask('POST', '/invite', { email: 'bob@example.com', data: { n: 2 } })
  t.match(again, { status: 200, body: { id: (first.body as { id: string }).id } })
  t.same((again.body as { user_metadata: object }).user_metadata, { n: 1 })
  const [old] = (await stack.inbox.next('bob@example.com')).links
  const [link] = (await stack.inbox.next('bob@example.com')).links
  t.match(await follow(old as string), { error_code: 'otp_expired' })
  t.match(await follow(link as string), { type: 'invite' })
})

t.test('the mailed code signs in, too', async (t) => {
  await ask('POST', '/invite', { email: 'cid@example.com' })
  const token = /\b\d{6}\b/.exec((await stack.inbox.next('cid@example.com')).text)?.[0] as string
  const verified = await createSupabase(stack).auth.verifyOtp({
    email: 'cid@example.com',
    token,
    type: 'invite',
  })
  t.match(verified.data, { user: { email: 'cid@example.com' }, session: { token_type: 'bearer' } })
})

t.test('the audit log says who was invited', async (t) => {
  const [row] = await stack.sql`
    select payload - 'actor_id' as payload
    from (select payload::jsonb from auth.audit_log_entries) e
    where payload ->> 'action' = 'user_invited' and payload -> 'traits' ->> 'user_email' like 'ann%'
  `
  const [user] = await stack.sql`select id from auth.users where email = 'ann@example.com'`
  t.same(row?.payload, {
    actor_via_sso: false,
    actor_username: 'service_role',
    action: 'user_invited',
    log_type: 'team',
    traits: { user_id: user?.id, user_email: 'ann@example.com' },
  })
})

t.test('refuses a user that is confirmed, and what is no address', async (t) => {
  t.same(await ask('POST', '/invite', { email: 'ANN@example.com' }), taken)
  t.same(
    await ask('POST', '/invite', {}),
    refusal(400, 'validation_failed', 'An email address is required'),
  )
  t.same(
    await ask('POST', '/invite', { email: 'no' }),
    refusal(400, 'validation_failed', 'Unable to validate email address: invalid format'),
  )
  await stack.sql`update auth.users set aud = 'staff' where email = 'bob@example.com'`
  t.same(await ask('POST', '/invite', { email: 'bob@example.com' }), taken, 'of any audience')
})
