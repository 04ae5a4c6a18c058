// Changing one’s password, and what proves that one may.

import t from 'tap'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, join, mailTo, settings, signIn, sql, timePasses } = await openUsers(t)
const ann = await join('ann@example.com')
const asAnn = { as: ann }

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
  t.match([kind, Token, ConfirmationURL], ['reauthentication', /^\d{6}$/, undefined])

  t.same(await change(Token === '000000' ? '000001' : '000000'), wrong)
  t.match(await change(Token, password), { body: { error_code: 'same_password' } })
  t.match(await change(Token), { status: 200 }, 'a refused change has not used the nonce up')
  t.same(await change(Token, 'third password'), wrong, 'it is good for one change')
  await settings({ security_update_password_require_reauthentication: false })
})
