// Signing up with e-mail address and password.

import t from 'tap'
import { claimsOf, faceless, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, ban, join, mailTo, rows, signUp, sql, timePasses, settings } = await openUsers(t)
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

t.test('signs up with e-mail address and password, and mails the confirmation', async (t) => {
  const answer = await ask('signup', {
    email: 'Ann@Example.com',
    password,
    data: { name: 'Ann', sub: 'mine', email_verified: true },
  })
  const { id } = answer.body
  const profile = {
    sub: id,
    email: 'ann@example.com',
    email_verified: false,
    phone_verified: false,
    name: 'Ann',
  }
  t.match(answer, {
    status: 200,
    headers: {},
    body: {
      id: uuid,
      aud: 'authenticated',
      role: 'authenticated',
      email: 'ann@example.com',
      phone: '',
      confirmation_sent_at: time,
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: profile,
      identities: [
        {
          identity_id: uuid,
          id,
          user_id: id,
          identity_data: profile,
          provider: 'email',
          last_sign_in_at: time,
          created_at: time,
          updated_at: time,
          email: 'ann@example.com',
        },
      ],
      created_at: time,
      updated_at: time,
      is_anonymous: false,
    },
  })
  t.same(Object.keys(answer.body).sort(), [
    'app_metadata',
    'aud',
    'confirmation_sent_at',
    'created_at',
    'email',
    'id',
    'identities',
    'is_anonymous',
    'phone',
    'role',
    'updated_at',
    'user_metadata',
  ])
  t.same(answer.body.user_metadata, profile)
  t.match(await mailTo('ann@example.com'), {
    kind: 'confirmation',
    Email: 'ann@example.com',
    Data: profile,
    Token: /^\d{6}$/,
    TokenHash: /^[0-9a-f]{64}$/,
    RedirectTo: 'http://localhost:3000',
    SiteURL: 'http://localhost:3000',
    ConfirmationURL: /^http:\/\/localhost:9999\/verify\?token=[0-9a-f]{64}&type=signup&redirect_to=/,
  })
})

t.test('keeps the password as bcrypt of cost 10, and no secret in clear', async (t) => {
  const { Token, TokenHash } = await mailTo('ann@example.com')
  const [user] = await sql`select * from auth.users where email = 'ann@example.com'`
  t.match(user?.encrypted_password, /^\$2a\$10\$/)
  t.notMatch(JSON.stringify(await sql`select * from auth.one_time_tokens`), TokenHash)
  t.notMatch(JSON.stringify(await sql`select code_hash from auth_private.one_time_codes`), Token)
  t.notMatch(JSON.stringify(user), new RegExp(`${TokenHash}|${password}`))
})

t.test('refuses what can not be signed up, in GoTrue’s order, and leaves nothing', async (t) => {
  const email = 'new@example.com'
  const challenge = 'c'.repeat(43)
  const tooLong = 'Password cannot be longer than 72 characters'
  const incomplete = 'PKCE flow requires code_challenge_method and code_challenge'
  const badEmail = 'Unable to validate email address: invalid format'
  const cases: [Record<string, string>, number, string, string][] = [
    [{}, 422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled'],
    [{ password }, 422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled'],
    [{ email: '', phone: '' }, 422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled'],
    [{ email }, 400, 'validation_failed', 'Signup requires a valid password'],
    [{ email, password: '' }, 400, 'validation_failed', 'Signup requires a valid password'],
    [{ email: 'no', password: 'x'.repeat(73) }, 400, 'validation_failed', tooLong],
    [{ email: 'no', password: 'ü'.repeat(37) }, 400, 'validation_failed', tooLong],
    [
      { email, phone: '123', password },
      400,
      'validation_failed',
      'Only an email address or phone number should be provided on signup.',
    ],
    [{ phone: '123', password }, 400, 'phone_provider_disabled', 'Phone signups are disabled'],
    [{ email: 'no', password, code_challenge: challenge }, 400, 'validation_failed', incomplete],
    [{ email, password, code_challenge_method: 's256' }, 400, 'validation_failed', incomplete],
    [
      { email, password, code_challenge: 'short', code_challenge_method: 's256' },
      400,
      'validation_failed',
      'code challenge has to be between 43 and 128 characters',
    ],
    [
      { email, password, code_challenge: '/'.repeat(43), code_challenge_method: 's256' },
      400,
      'validation_failed',
      'code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes',
    ],
    [
      { email, password, code_challenge: challenge, code_challenge_method: 'md5' },
      400,
      'validation_failed',
      'code_challenge_method has to be s256 or plain',
    ],
    [
      { email: `${'x'.repeat(250)}@example.com`, password },
      400,
      'validation_failed',
      'An email address is too long',
    ],
    ...[
      'no',
      '@example.com',
      'ann@',
      ' ann@example.com',
      'ann@example.com ',
      'ann@example.com\n',
      'ann@exa mple.com',
      'ann@-example.com',
      'ann@example-.com',
      'ann@example..com',
      'ann@@example.com',
      'ann@b@example.com',
      'änn@example.com',
      'ann@exämple.com',
      `ann@${'x'.repeat(64)}.com`,
      '"ann"@example.com',
      'ann@[127.0.0.1]',
    ].map(
      (address): [Record<string, string>, number, string, string] => [
        { email: address, password },
        400,
        'validation_failed',
        badEmail,
      ],
    ),
  ]
  const before = await rows()
  for (const [args, status, code, message] of cases) {
    t.same(await ask('signup', args), refusal(status, code, message), JSON.stringify(args))
  }
  t.same(await rows(), before)
})

t.test('takes every address that a browser takes', async (t) => {
  for (const email of ["a.!#$%&'*+/=?^_`{|}~-@example.com", 'a@b', `a@${'x'.repeat(63)}.com`]) {
    t.match(await signUp(email), { email })
  }
})

t.test('says why a password is weak, in words and as reasons', async (t) => {
  await settings({ password_min_length: 8, password_required_characters: 'abc:123:\\:;' })
  const weak = (reasons: string[], msg: string) => {
    const { status, headers, body } = refusal(422, 'weak_password', msg)
    return { status, headers, body: { ...body, weak_password: { reasons } } }
  }
  const short = 'Password should be at least 8 characters.'
  const plain = 'Password should contain at least one character of each: abc, 123, :;.'
  const cases: [string, string[], string][] = [
    ['a1:', ['length'], short],
    ['a', ['length', 'characters'], `${short} ${plain}`],
    ['aaaaaaaa1', ['characters'], plain],
    ['xxxxxxxx1;', ['characters'], plain],
  ]
  for (const [bad, reasons, msg] of cases) {
    const answer = await ask('signup', { email: 'weak@example.com', password: bad })
    t.same(answer, weak(reasons, msg), bad)
  }
  t.match(await ask('signup', { email: 'weak@example.com', password: 'aaaaaaa1;' }), { status: 200 })
  await settings({ password_min_length: 6, password_required_characters: '' })
})

t.test('can be turned off, for everybody or for e-mail addresses', async (t) => {
  await settings({ disable_signup: true })
  t.same(
    await ask('signup', { email: 'off@example.com', password: '' }),
    refusal(422, 'signup_disabled', 'Signups not allowed for this instance'),
  )
  await settings({ disable_signup: false, external_email_enabled: false })
  t.same(
    await ask('signup', { email: 'no address', password }),
    refusal(400, 'email_provider_disabled', 'Email signups are disabled'),
  )
  await settings({ external_email_enabled: true })
})

t.test('signing up again changes nothing of an unconfirmed user and mails a new link', async (t) => {
  const first = await signUp('twice@example.com', { data: { name: 'First' } })
  const link = (await mailTo('twice@example.com')).TokenHash
  const [before] = await sql`select encrypted_password from auth.users where id = ${first.id}`
  await timePasses('61 seconds')

  const again = await ask('signup', {
    email: 'twice@example.com',
    password: 'password of a thief',
    data: { name: 'Second' },
  })
  t.match(again.body, { id: first.id, user_metadata: { name: 'First' } })
  const [after] = await sql`select encrypted_password from auth.users where id = ${first.id}`
  t.same(after, before)
  t.not((await mailTo('twice@example.com')).TokenHash, link)
  t.same(
    await ask('verify', { type: 'signup', token_hash: link }),
    refusal(403, 'otp_expired', 'Email link is invalid or has expired'),
  )
})

t.test('does not tell whether a confirmed address is known, but by the identities', async (t) => {
  await join('known@example.com', { data: { secret: 'hers' } })
  const attempt = async (email: string) => {
    const before = (await rows()).mails!
    const first = await ask('signup', { email, password, data: { name: 'x' } })
    const second = await ask('signup', { email, password, data: { name: 'x' } })
    return { first, second: faceless(second), mails: (await rows()).mails! - before }
  }
  const known = await attempt('known@example.com')
  const unknown = await attempt('unknown@example.com')

  t.equal(unknown.first.body.identities.length, 1)
  const { status, headers, body } = faceless(unknown.first)
  t.same(faceless(known.first), {
    status,
    headers,
    body: { ...body, role: '', identities: [], user_metadata: { name: 'x' } },
  })
  t.same(known.second, unknown.second)
  t.match(known.second, { status: 429 })
  t.equal(known.mails, unknown.mails)
  const [user] = await sql`select from auth.users where id = ${known.first.body.id}`
  t.equal(user, undefined, 'the id is nobody’s')
})

t.test('an address of another audience is answered like a known one', async (t) => {
  await timePasses('61 seconds')
  const here = await ask('signup', { email: 'known@example.com', password })
  await timePasses('61 seconds')
  const there = await ask(
    'signup',
    { email: 'known@example.com', password },
    { headers: { 'x-jwt-aud': 'elsewhere' } },
  )
  t.match(there, { status: 200, body: { aud: 'elsewhere', email: 'known@example.com' } })
  t.same(Object.keys(there.body), Object.keys(here.body))
  t.same(await sql`select from auth.users where aud = 'elsewhere'`, [])
})

t.test('makes users of the audience that the request asks for', async (t) => {
  const user = await ask(
    'signup',
    { email: 'partner@example.com', password },
    { headers: { 'x-jwt-aud': 'partners' } },
  )
  t.equal(user.body.aud, 'partners')
})

t.test('with autoconfirm a session follows at once', async (t) => {
  await settings({ mailer_autoconfirm: true })
  const before = await rows()
  const { status, headers, body } = await ask('signup', { email: 'quick@example.com', password })
  t.match([status, headers, body], [
    200,
    {
      'sb-auth-user-id': body.user.id,
      'sb-auth-session-id': uuid,
      'sb-auth-refresh-token-counter': '0',
    },
    {
      token_type: 'bearer',
      expires_in: 3600,
      user: {
        email_confirmed_at: time,
        confirmed_at: time,
        last_sign_in_at: time,
        user_metadata: { email_verified: true },
        identities: [{ identity_data: { email_verified: true } }],
      },
    },
  ])
  t.same('weak_password' in body, false)
  t.match(claimsOf(body as Session), { amr: [{ method: 'password' }], aal: 'aal1' })
  t.match(await rows(), { users: before.users! + 1, mails: before.mails, waits: before.waits })
})

t.test('with autoconfirm a known address is refused, and its owner gets in by password', async (t) => {
  const taken = refusal(422, 'user_already_exists', 'User already registered')
  const email = 'quick@example.com'
  t.same(await ask('signup', { email, password }), taken, 'confirmed')

  await sql`update auth.users set email_confirmed_at = null where email = ${email}`
  t.same(await ask('signup', { email, password: 'guess of a thief' }), taken, 'wrong password')
  await ban(email)
  t.same(await ask('signup', { email, password }), taken, 'banned')
  await sql`update auth.users set banned_until = null where email = ${email}`
  t.match(await ask('signup', { email, password }), { status: 200, body: { access_token: String } })

  t.same(
    await ask('signup', { email, password }, { headers: { 'x-jwt-aud': 'elsewhere' } }),
    taken,
    'of another audience',
  )
  await settings({ mailer_autoconfirm: false })
})
