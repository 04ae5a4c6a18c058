// Signing up with e-mail address and password.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, mailTo, rows, signUp, sql, timePasses, settings } = await openUsers(t)
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
    ConfirmationURL:
      /^http:\/\/localhost:9999\/verify\?token=[0-9a-f]{64}&type=signup&redirect_to=/,
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
  const cases: [Record<string, string>, number, string, string][] = [
    [{}, 422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled'],
    [{ password }, 422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled'],
    [
      { email: '', phone: '' },
      422,
      'anonymous_provider_disabled',
      'Anonymous sign-ins are disabled',
    ],
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
      { email: 'no', password },
      400,
      'validation_failed',
      'Unable to validate email address: invalid format',
    ],
  ]
  const before = await rows()
  for (const [args, status, code, message] of cases) {
    t.same(await ask('signup', args), refusal(status, code, message), JSON.stringify(args))
  }
  t.same(await rows(), before)
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

t.test(
  'signing up again changes nothing of an unconfirmed user and mails a new link',
  async (t) => {
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
  },
)

t.test('makes users of the audience that the request asks for', async (t) => {
  for (const [aud, kept] of [
    ['partners', 'partners'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ]) {
    const from = { headers: { 'x-jwt-aud': aud ?? '' } }
    const user = await ask('signup', { email: `${aud?.length}@example.com`, password }, from)
    t.equal(user.body.aud, kept)
  }
})
