// S-21: whoever signs up first with an address that is not theirs keeps nothing once its owner has
// come: no password, no identity, no session. And accounts at other sites are linked by an address
// only where both sides have verified it.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const users = await openUsers(t, { external_phone_enabled: true, sms_provider: 'messagebird' })
const { ask, join, mailTo, rows, signUp, smsTo, sql, timePasses } = users
const wrong = refusal(400, 'invalid_credentials', 'Invalid login credentials')
const stranger = 'password of a stranger'

/** Somebody signs up with the address of somebody else, and never sees the mail. */
async function squat(email: string) {
  await signUp(email, { password: stranger, data: { name: 'not the owner' } })
  await timePasses('61 seconds')
}

const asOwner = async (email: string) => {
  const { TokenHash, Token } = await mailTo(email)
  return { token_hash: TokenHash as string, code: Token as string }
}

t.test('an ordinary sign-up keeps its password, also when its mail is sent again', async (t) => {
  await join('plain@example.com')
  t.match(await ask('signin', { email: 'plain@example.com', password }), { status: 200 })

  await signUp('slow@example.com')
  await timePasses('61 seconds')
  await signUp('slow@example.com')
  await timePasses('61 seconds')
  await ask('resend', { type: 'signup', email: 'slow@example.com' })
  const { token_hash } = await asOwner('slow@example.com')
  t.match(await ask('verify', { type: 'signup', token_hash }), { status: 200 })
  t.match(await ask('signin', { email: 'slow@example.com', password }), { status: 200 })
})

/** Somebody signs in at another site, which says an address of them, verified or not. */
async function comeBy(provider: string, email: string, verified: boolean, subject = email) {
  const profile = { subject, emails: [{ email, verified, primary: true }], data: {} }
  const [row] = await sql`
    select auth.signin_external(${provider}, ${sql.json(profile)}) as said
  `
  return row?.said
}
const identitiesOf = (email: string) => sql`
  select i.provider
  from auth.identities i join auth.users u on u.id = i.user_id
  where u.email = ${email}
  order by i.created_at
`

// The owner's ways to the mailbox, each a request and the proof that follows it.
const ways: [string, (email: string) => Promise<unknown>][] = [
  [
    'a magic link',
    async (email) => {
      await ask('magiclink', { email })
      return ask('verify', { type: 'email', token_hash: (await asOwner(email)).token_hash })
    },
  ],
  [
    'a mailed code',
    async (email) => {
      await ask('otp', { email })
      return ask('verify', { type: 'email', email, token: (await asOwner(email)).code })
    },
  ],
  [
    'a link opened in a browser',
    async (email) => {
      await ask('otp', { email })
      const { token_hash } = await asOwner(email)
      const { status, headers } = await ask('verify_link', { type: 'signup', token: token_hash })
      return status === 303 && headers.Location?.includes('access_token=')
        ? { status: 200 }
        : { status, headers }
    },
  ],
  [
    'a recovery',
    async (email) => {
      await ask('recover', { email })
      return ask('verify', { type: 'recovery', token_hash: (await asOwner(email)).token_hash })
    },
  ],
  [
    'an invitation',
    async (email) => {
      const admin = { claims: { role: 'service_role' } }
      await ask('invite', { email }, admin)
      return ask('verify', { type: 'invite', token_hash: (await asOwner(email)).token_hash })
    },
  ],
  [
    'a sign-up of her own with another password',
    async (email) => {
      await signUp(email)
      return ask('verify', { type: 'signup', token_hash: (await asOwner(email)).token_hash })
    },
  ],
  [
    'another site that has verified the address',
    async (email) => (await comeBy('google', email, true)).access_token && { status: 200 },
  ],
]
for (const [n, [way, arrive]] of ways.entries()) {
  t.test(`an owner who arrives by ${way} is rid of the stranger`, async (t) => {
    const email = `owner${n}@example.com`
    await squat(email)
    t.match(await arrive(email), { status: 200 })
    t.same(await ask('signin', { email, password: stranger }), wrong)
    const [user] = await sql`
      select coalesce(encrypted_password, '') as encrypted_password
      from auth.users where email = ${email}
    `
    t.same(user, { encrypted_password: '' })
  })
}

t.test('asking for another way without having the mailbox takes nothing', async (t) => {
  await signUp('ann@example.com')
  const first = await asOwner('ann@example.com')
  await ask('recover', { email: 'ann@example.com' })
  t.match(await ask('verify', { type: 'signup', token_hash: first.token_hash }), { status: 200 })
  t.match(await ask('signin', { email: 'ann@example.com', password }), { status: 200 })
})

t.test('a confirmed user keeps the password, whatever is followed later', async (t) => {
  const email = 'plain@example.com'
  await timePasses('61 seconds')
  for (const [routine, type] of [
    ['magiclink', 'magiclink'],
    ['recover', 'recovery'],
  ] as const) {
    await ask(routine, { email })
    t.match(await ask('verify', { type, token_hash: (await asOwner(email)).token_hash }), {
      status: 200,
    })
    t.match(await ask('signin', { email, password }), { status: 200 })
  }
})

t.test('a password that an admin has set is nobody’s to clear', async (t) => {
  const email = 'made@example.com'
  const admin = { claims: { role: 'service_role' } }
  await ask('admin_create_user', { email, password }, admin)
  await ask('magiclink', { email })
  const { token_hash } = await asOwner(email)
  t.match(await ask('verify', { type: 'email', token_hash }), { status: 200 })
  t.match(await ask('signin', { email, password }), { status: 200 })
})

t.test('a stranger’s identities and sessions go, too', async (t) => {
  const email = 'early@example.com'
  await users.settings({ mailer_allow_unverified_email_sign_ins: true })
  const stranger = await comeBy('github', email, false, 'the stranger')
  t.match(stranger, { access_token: String }, 'who is in, by the word of a site')
  t.match(await ask('get_user', {}, { as: stranger }), { status: 200 })
  await users.settings({ mailer_allow_unverified_email_sign_ins: false })

  const owner = await comeBy('google', email, true)
  t.equal(owner.user.id, stranger.user.id)
  t.match(await ask('get_user', {}, { as: stranger }), { status: 403 })
  t.same(await identitiesOf(email), [{ provider: 'google' }])
  t.match(await comeBy('github', email, false, 'the stranger'), {
    error_code: 'provider_email_needs_verification',
  })
  t.same(await identitiesOf(email), [{ provider: 'google' }])
})

t.test('an address links only where both sides have verified it', async (t) => {
  const email = 'kept@example.com'
  const { user } = await join(email)
  t.match(await comeBy('google', email, false), {
    error_code: 'provider_email_needs_verification',
  })
  t.same(await identitiesOf(email), [{ provider: 'email' }], 'the site has not')

  // Somebody with an account of their own at a site that says an address without proof.
  await comeBy('google', 'mallory@example.com', true, 'mallory')
  await sql`
    update auth.identities
    set identity_data = identity_data || '{"email": "not.yet@example.com", "email_verified": false}'
    where provider_id = 'mallory'
  `
  const owner = await comeBy('github', 'not.yet@example.com', true)
  t.equal(owner.user.email, 'not.yet@example.com', 'here it was not')
  t.same(await identitiesOf('mallory@example.com'), [{ provider: 'google' }])

  t.equal((await comeBy('google', email, true, 'the owner')).user.id, user.id, 'both have')
  t.same(await identitiesOf(email), [{ provider: 'email' }, { provider: 'google' }])
  t.match(await ask('signin', { email, password }), { status: 200 })
})

t.test('with a telephone number it is the same', async (t) => {
  const honest = '4915112345678'
  const taken = '4915112345679'
  await users.joinByPhone(honest)
  t.match(await ask('signin', { phone: honest, password }), { status: 200 })

  await ask('signup', { phone: taken, password: stranger })
  await timePasses('61 seconds')
  await ask('otp', { phone: taken })
  const { Code } = await smsTo(taken)
  t.match(await ask('verify', { type: 'sms', phone: taken, token: Code }), { status: 200 })
  t.same(await ask('signin', { phone: taken, password: stranger }), wrong)
})

t.test('what was open is settled, and nothing is left of it', async (t) => {
  t.match(await sql`select * from auth_private.unproven_passwords`, [])
  t.ok((await rows()).users! > 8)
})
