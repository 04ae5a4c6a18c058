// Asking for a mailed link and code to sign in with: auth.otp, and auth.magiclink for older clients.

import t from 'tap'
import { faceless, openUsers, refusal } from '../support/users.ts'

const { ask, ban, join, mailTo, rows, settings, signUp, sql, timePasses } = await openUsers(t)
const email = 'ann@example.com'
const done = { status: 200, headers: {}, body: {} }
const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 's256' }

await join(email)

for (const routine of ['otp', 'magiclink']) {
  t.test(`${routine} mails a link and a code that sign in`, async (t) => {
    await timePasses('61 seconds')
    t.same(await ask(routine, { email: 'Ann@example.com' }), done)
    const { kind, Token, TokenHash, ConfirmationURL } = await mailTo(email)
    t.match([kind, Token, TokenHash], ['magic_link', /^\d{6}$/, /^[0-9a-f]{64}$/])
    t.match(ConfirmationURL, `verify?token=${TokenHash}&type=magiclink&redirect_to=`)
    t.match(await ask('verify', { type: 'email', email, token: Token }), {
      status: 200,
      body: { access_token: String, user: { email, recovery_sent_at: String } },
    })
  })

  t.test(`${routine} signs up who is unknown, with the data`, async (t) => {
    const newcomer = `${routine}@example.com`
    t.same(await ask(routine, { email: newcomer, data: { name: 'New' } }), done)
    const { kind, Token } = await mailTo(newcomer)
    t.equal(kind, 'confirmation')
    t.match(await ask('verify', { type: 'email', email: newcomer, token: Token }), {
      status: 200,
      body: { user: { email_confirmed_at: String, user_metadata: { name: 'New' } } },
    })
    t.match(await ask('signin', { email: newcomer, password: '' }), { status: 400 })
  })

  t.test(`${routine} refuses what is no address, and leaves nothing`, async (t) => {
    const badEmail = 'Unable to validate email address: invalid format'
    const cases: [Record<string, unknown>, number, string][] = [
      [{ email: 'no' }, 400, badEmail],
      [{ email: `${'x'.repeat(250)}@example.com` }, 400, 'An email address is too long'],
      [
        { email, code_challenge: 'c'.repeat(43) },
        400,
        'PKCE flow requires code_challenge_method and code_challenge',
      ],
    ]
    const before = await rows()
    for (const [args, status, message] of cases) {
      const expected = refusal(status, 'validation_failed', message)
      t.same(await ask(routine, args as never), expected, JSON.stringify(args))
    }
    t.same(await rows(), before)
  })

  t.test(`${routine} can be turned off`, async (t) => {
    await settings({ external_email_magic_link_enabled: false })
    t.same(
      await ask(routine, { email }),
      refusal(422, 'email_provider_disabled', 'Login with magic link is disabled'),
    )
    await settings({ external_email_enabled: false })
    t.same(
      await ask(routine, { email }),
      refusal(422, 'email_provider_disabled', 'Email logins are disabled'),
    )
    await settings({ external_email_enabled: true, external_email_magic_link_enabled: true })
  })
}

t.test('each names its own missing address', async (t) => {
  t.same(
    await ask('magiclink', {}),
    refusal(422, 'validation_failed', 'Password recovery requires an email'),
  )
  t.same(
    await ask('otp', {}),
    refusal(400, 'validation_failed', 'One of email or phone must be set'),
  )
})

t.test('otp knows the e-mail address from the phone number', async (t) => {
  const cases: [Record<string, string>, string, string][] = [
    [
      { email, phone: '49123' },
      'validation_failed',
      'Only an email address or phone number should be provided',
    ],
    [
      { email, channel: 'sms' },
      'validation_failed',
      'Channel should only be specified with Phone OTP',
    ],
    [{ phone: '49123' }, 'phone_provider_disabled', 'Unsupported phone provider'],
  ]
  for (const [args, code, message] of cases) {
    t.same(await ask('otp', args), refusal(400, code, message), JSON.stringify(args))
  }
})

t.test('without create_user only who is known gets a mail', async (t) => {
  await timePasses('61 seconds')
  const disabled = refusal(422, 'otp_disabled', 'Signups not allowed for otp')
  const before = await rows()
  for (const unknown of ['nobody@example.com', 'no address']) {
    t.same(await ask('otp', { email: unknown, create_user: false }), disabled, unknown)
  }
  t.same(
    await ask('otp', { create_user: false }),
    refusal(400, 'validation_failed', 'One of email or phone must be set'),
  )
  t.same(await rows(), before)
  t.same(await ask('otp', { email, create_user: false }), done)
  t.match(await rows(), { mails: before.mails! + 1 })
})

t.test('does not tell whether an address is known', async (t) => {
  await timePasses('61 seconds')
  await signUp('unconfirmed@example.com')
  await join('banned@example.com')
  await ban('banned@example.com')
  await timePasses('61 seconds')

  const attempt = async (address: string) => {
    const before = (await rows()).mails!
    const answers = []
    for (const args of [{}, {}, challenge]) {
      answers.push(faceless(await ask('otp', { email: address, ...args })))
    }
    await timePasses('61 seconds')
    answers.push(faceless(await ask('magiclink', { email: address, ...challenge })))
    return { answers, mails: (await rows()).mails! - before }
  }
  const unknown = await attempt('unknown@example.com')
  t.match(unknown.answers, [{ status: 200 }, { status: 429 }, { status: 429 }, { status: 200 }])
  for (const known of [email, 'unconfirmed@example.com', 'banned@example.com']) {
    t.same(await attempt(known), unknown, known)
  }
})

t.test('an address of another audience gets the same answer, and no mail', async (t) => {
  await timePasses('61 seconds')
  const before = await mailTo(email)
  const there = { headers: { 'x-jwt-aud': 'elsewhere' } }
  t.same(await ask('otp', { email }, there), done)
  t.same(await ask('otp', { email: 'new@example.net' }, there), done)
  t.same(await mailTo(email), before)
})

t.test('an unconfirmed user is asked to confirm, and keeps her data', async (t) => {
  const { id } = await signUp('slow@example.com', { data: { name: 'Slow' } })
  await timePasses('61 seconds')
  await ask('otp', { email: 'slow@example.com', data: { name: 'Other' } })
  const { kind, Token } = await mailTo('slow@example.com')
  t.equal(kind, 'confirmation')
  t.match(await ask('verify', { type: 'email', email: 'slow@example.com', token: Token }), {
    body: { user: { id, user_metadata: { name: 'Slow' } } },
  })
})

t.test('where nobody can sign up, only confirmed users get a mail', async (t) => {
  await settings({ disable_signup: true })
  await timePasses('61 seconds')
  const disabled = refusal(422, 'signup_disabled', 'Signups not allowed for this instance')
  t.same(await ask('otp', { email: 'stranger@example.com' }), disabled)
  t.same(await ask('otp', { email }), done)
  await settings({ disable_signup: false })
})

t.test('with autoconfirm a newcomer is confirmed at once, and still mailed a link', async (t) => {
  await settings({ mailer_autoconfirm: true })
  t.same(await ask('otp', { email: 'auto@example.com' }), done)
  t.equal((await mailTo('auto@example.com')).kind, 'magic_link')
  const [user] = await sql`
    select email_confirmed_at is not null as confirmed, encrypted_password
    from auth.users where email = 'auto@example.com'
  `
  t.same(user, { confirmed: true, encrypted_password: '' })
  await settings({ mailer_autoconfirm: false })
})
