// Asking for a link to set a new password.

import t from 'tap'
import { claimsOf, faceless, openUsers, refusal, type Session } from '../support/users.ts'

const { ask, ban, join, mailTo, rows, settings, signUp, timePasses } = await openUsers(t)
const email = 'ann@example.com'
const done = { status: 200, headers: {}, body: {} }
await join(email)

t.test('mails a link and a code that sign in, to set a new password', async (t) => {
  t.same(await ask('recover', { email: 'Ann@example.com' }), done)
  const { kind, Token, TokenHash, ConfirmationURL } = await mailTo(email)
  t.match([kind, Token], ['recovery', /^\d{6}$/])
  t.match(ConfirmationURL, `verify?token=${TokenHash}&type=recovery&redirect_to=`)

  const { body } = await ask('verify', { type: 'recovery', token_hash: TokenHash })
  t.match(claimsOf(body as Session), { amr: [{ method: 'otp' }] })
  const change = { password: 'a new password' }
  t.match(await ask('update_user', change, { as: body as Session }), { status: 200 })
  t.match(await ask('signin', { email, ...change }), { status: 200 })
})

t.test('refuses what is no address', async (t) => {
  const cases: [Record<string, string>, string][] = [
    [{}, 'Password recovery requires an email'],
    [{ email: '' }, 'Password recovery requires an email'],
    [{ email: 'no' }, 'Unable to validate email address: invalid format'],
    [{ email: `${'x'.repeat(250)}@example.com` }, 'An email address is too long'],
    [
      { email, code_challenge: 'c'.repeat(43) },
      'PKCE flow requires code_challenge_method and code_challenge',
    ],
  ]
  for (const [args, message] of cases) {
    const expected = refusal(400, 'validation_failed', message)
    t.same(await ask('recover', args), expected, JSON.stringify(args))
  }
  await settings({ external_email_enabled: false })
  t.same(
    await ask('recover', {}),
    refusal(400, 'email_provider_disabled', 'Email logins are disabled'),
  )
  await settings({ external_email_enabled: true })
})

t.test('does not tell whether an address is known', async (t) => {
  await signUp('unconfirmed@example.com')
  await join('banned@example.com')
  await ban('banned@example.com')
  await timePasses('61 seconds')

  const attempt = async (address: string, headers = {}) => {
    const before = (await rows()).mails!
    const answers = []
    for (let n = 0; n < 2; n++) {
      answers.push(faceless(await ask('recover', { email: address }, { headers })))
    }
    await timePasses('61 seconds')
    answers.push(faceless(await ask('recover', { email: address }, { headers })))
    return { answers, mails: (await rows()).mails! - before }
  }
  const unknown = await attempt('unknown@example.com')
  t.match(unknown, { answers: [done, { status: 429 }, done], mails: 2 })
  for (const known of [email, 'unconfirmed@example.com', 'banned@example.com']) {
    t.same(await attempt(known), unknown, known)
  }
  await timePasses('61 seconds')
  t.same(await attempt(email, { 'x-jwt-aud': 'elsewhere' }), unknown, 'of another audience')
})

t.test('the wait is shared with magic links, and over once a link was followed', async (t) => {
  await timePasses('61 seconds')
  t.same(await ask('recover', { email }), done)
  t.match(await ask('otp', { email }), { status: 429 })
  const { TokenHash } = await mailTo(email)
  await ask('verify', { type: 'recovery', token_hash: TokenHash })
  t.same(await ask('otp', { email }), done)
})

t.test('recovering an unconfirmed address confirms it', async (t) => {
  await signUp('slow@example.com')
  await ask('recover', { email: 'slow@example.com' })
  const { TokenHash } = await mailTo('slow@example.com')
  t.match(await ask('verify', { type: 'recovery', token_hash: TokenHash }), {
    status: 200,
    body: { user: { email_confirmed_at: String, user_metadata: { email_verified: true } } },
  })
})
