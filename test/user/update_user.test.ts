// What users change of themselves.

import t from 'tap'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, join, mailTo, rows, settings, signIn, sql, timePasses } = await openUsers(t)
const ann = await join('ann@example.com', { data: { name: 'Ann', city: 'Wien' } })
const asAnn = { as: ann }

t.test('merges user_metadata, one level deep, and null deletes a key', async (t) => {
  const data = { city: null, name: 'Anna', address: { street: 'Ring', number: null } }
  const answer = await ask('update_user', { data }, asAnn)
  t.same(answer, {
    status: 200,
    headers: {},
    body: { ...ann.user, user_metadata: metadata(answer.body), updated_at: answer.body.updated_at },
  })
  t.same(metadata(answer.body), {
    sub: ann.user.id,
    email: 'ann@example.com',
    email_verified: true,
    phone_verified: false,
    name: 'Anna',
    address: { street: 'Ring', number: null },
  })

  function metadata(user: { user_metadata?: unknown }) {
    return user.user_metadata
  }
})

t.test('a new password counts from then on, and the old one no more', async (t) => {
  const answer = await ask('update_user', { password: 'another password' }, asAnn)
  t.match(answer, { status: 200, body: { email: 'ann@example.com' } })
  t.match(await signIn('ann@example.com', 'another password'), { token_type: 'bearer' })
  t.match(await ask('signin', { email: 'ann@example.com', password }), { status: 400 })
})

t.test('a new password ends all other sessions and voids all that was mailed', async (t) => {
  const [bob, thief] = [await join('bob@example.com'), await signIn('bob@example.com')]
  await ask('recover', { email: 'bob@example.com' })
  const { Token, TokenHash } = await mailTo('bob@example.com')
  await ask('update_user', { password: 'another password' }, { as: bob })

  t.match(await ask('get_user', {}, { as: bob }), { status: 200 })
  t.match(await ask('get_user', {}, { as: thief }), { body: { error_code: 'session_not_found' } })
  const { refresh_token } = thief
  t.match(await ask('refresh', { refresh_token }), {
    body: { error_code: 'refresh_token_not_found' },
  })
  for (const args of [{ token_hash: TokenHash }, { email: 'bob@example.com', token: Token }]) {
    t.match(await ask('verify', { type: 'recovery', ...args }), {
      body: { error_code: 'otp_expired' },
    })
  }
  t.match((await ask('get_user', {}, { as: bob })).body, {
    recovery_sent_at: undefined,
    confirmation_sent_at: undefined,
  })
})

t.test('refuses what may not be so, and changes nothing', async (t) => {
  await join('taken@example.com')
  const cases: [Record<string, unknown>, number, string, string][] = [
    [
      { password: 'another password' },
      422,
      'same_password',
      'New password should be different from the old password.',
    ],
    [
      { password: 'x'.repeat(73) },
      400,
      'validation_failed',
      'Password cannot be longer than 72 characters',
    ],
    [
      { app_metadata: { admin: true } },
      403,
      'not_admin',
      'Updating app_metadata requires admin privileges',
    ],
    [{ app_metadata: {} }, 403, 'not_admin', 'Updating app_metadata requires admin privileges'],
    [
      { email: 'no' },
      400,
      'validation_failed',
      'Unable to validate email address: invalid format',
    ],
    [
      { email: 'Taken@Example.com', data: { name: 'x' } },
      422,
      'email_exists',
      'A user with this email address has already been registered',
    ],
    [
      { phone: '49123' },
      422,
      'phone_provider_disabled',
      'Changing the phone number is not available yet',
    ],
    [
      { code_challenge: 'x'.repeat(43) },
      400,
      'validation_failed',
      'PKCE flow requires code_challenge_method and code_challenge',
    ],
  ]
  const before = [await rows(), (await ask('get_user', {}, asAnn)).body]
  for (const [args, status, code, message] of cases) {
    const answer = await ask('update_user', args as never, asAnn)
    t.same(answer, refusal(status, code, message), JSON.stringify(args))
  }
  for (const weak of ['', 'short']) {
    t.match(await ask('update_user', { password: weak }, asAnn), {
      status: 422,
      body: { error_code: 'weak_password', weak_password: { reasons: ['length'] } },
    })
  }
  t.same([await rows(), (await ask('get_user', {}, asAnn)).body], before)
})

t.test('one’s own address and an empty one change nothing', async (t) => {
  for (const email of ['ann@example.com', 'ANN@example.com', '']) {
    const { status, body } = await ask('update_user', { email }, asAnn)
    t.match([status, body.email, body.new_email], [200, 'ann@example.com', undefined])
  }
})

t.test('asks for the current password where the settings say so', async (t) => {
  await settings({ security_update_password_require_current_password: true })
  const message = 'Current password required when setting new password.'
  const change = (current_password?: string) =>
    ask('update_user', { password: 'third password', current_password }, { as: session })
  const session = await signIn('ann@example.com', 'another password')

  t.same(await change(), refusal(400, 'current_password_required', message))
  t.same(await change(''), refusal(400, 'current_password_required', message))
  t.same(await change('guess'), refusal(400, 'current_password_invalid', message))
  t.match(await change('another password'), { status: 200 })
})

t.test('who came by a mailed link need not know the current password', async (t) => {
  await ask('recover', { email: 'ann@example.com' })
  const { TokenHash } = await mailTo('ann@example.com')
  const { body } = await ask('verify', { type: 'recovery', token_hash: TokenHash })
  const change = { password: 'fourth password' }
  t.match(await ask('update_user', change, { as: body as Session }), { status: 200 })
  await settings({ security_update_password_require_current_password: false })
})

t.test('a token without a session may change the password, which ends all sessions', async (t) => {
  await settings({ security_update_password_require_current_password: true })
  const cid = await join('cid@example.com')
  const { session_id, ...claims } = claimsOf(cid)
  const change = { password: 'another password', current_password: password }
  t.match(await ask('update_user', change, { claims }), { status: 200 })
  t.same(await sql`select from auth.sessions where id = ${session_id}`, [])
  await settings({ security_update_password_require_current_password: false })
})

t.test('with a second factor, only a session that has shown it changes credentials', async (t) => {
  const eve = await join('eve@example.com')
  await sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (gen_random_uuid(), ${eve.user.id}, 'totp', 'verified', now(), now())
  `
  const tooLow = refusal(
    401,
    'insufficient_aal',
    'AAL2 session is required to update email or password when MFA is enabled.',
  )
  const change = { password: 'another password' }
  t.same(await ask('update_user', change, { as: eve }), tooLow)
  t.same(await ask('update_user', { email: 'new@example.com' }, { as: eve }), tooLow)
  t.match(await ask('update_user', { data: { a: 1 } }, { as: eve }), { status: 200 })
  const claims = { ...claimsOf(eve), aal: 'aal2' }
  t.match(await ask('update_user', change, { claims }), { status: 200 })
})

t.test('an old session needs a mailed nonce where the settings say so', async (t) => {
  await settings({ security_update_password_require_reauthentication: true })
  const fay = await join('fay@example.com')
  const change = (nonce?: string, to = 'another password') =>
    ask('update_user', { password: to, nonce }, { as: fay })
  const wrong = refusal(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')

  await timePasses('25 hours')
  t.same(
    await change(),
    refusal(400, 'reauthentication_needed', 'Password update requires reauthentication'),
  )
  t.match(await ask('reauthenticate', {}, { as: fay }), { status: 200, body: {} })
  const { kind, Token, ConfirmationURL } = await mailTo('fay@example.com')
  t.match([kind, Token, ConfirmationURL], ['reauthentication', /^\d{6}$/, ''])

  t.same(await change(Token === '000000' ? '000001' : '000000'), wrong)
  t.match(await change(Token, password), { body: { error_code: 'same_password' } })
  t.match(await change(Token), { status: 200 }, 'a refused change has not used the nonce up')
  t.same(await change(Token, 'third password'), wrong, 'it is good for one change')
  await settings({ security_update_password_require_reauthentication: false })
})

t.test('a new address counts once both have confirmed, in either order', async (t) => {
  for (const [old, fresh, order] of [
    ['gil@example.com', 'gil@example.org', [0, 1]],
    ['hal@example.com', 'hal@example.org', [1, 0]],
  ] as const) {
    const session = await join(old)
    const asked = await ask('update_user', { email: fresh.toUpperCase() }, { as: session })
    t.match(asked.body, { email: old, new_email: fresh, email_change_sent_at: String })

    const mails = [await mailTo(old), await mailTo(fresh)]
    const [first, second] = order.map((place) => mails[place]?.TokenHash)
    t.same(await ask('verify', { type: 'email_change', token_hash: first }), {
      status: 200,
      headers: {},
      body: {
        code: '200',
        msg: 'Confirmation link accepted. Please proceed to confirm link sent to the other email',
      },
    })
    t.match(await ask('verify', { type: 'email_change', token_hash: first }), { status: 403 })
    t.match((await ask('get_user', {}, { as: session })).body, { email: old, new_email: fresh })
    t.match(await ask('verify', { type: 'email_change', token_hash: second }), {
      status: 200,
      body: { access_token: String, user: { email: fresh, identities: [{ email: fresh }] } },
    })
    t.match(await signIn(fresh), { token_type: 'bearer' })
  }
})
