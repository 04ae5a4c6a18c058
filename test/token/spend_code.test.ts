// Codes to type, and guesses at them.

import t from 'tap'
import { openUsers, refusal } from '../support/users.ts'

const { ask, mailTo, settings, signUp, sql } = await openUsers(t, {
  smtp_max_frequency: '0',
})
const codeExpired = refusal(403, 'otp_expired', 'Token has expired or is invalid')
const other = (code: string) => code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10))

t.test('signs in by address and code', async (t) => {
  await signUp('bob@example.com')
  const { Token } = await mailTo('bob@example.com')
  const args = { type: 'signup', email: 'BOB@example.com', token: Token }
  t.match(await ask('verify', args), { status: 200, body: { user: { email: 'bob@example.com' } } })
})

t.test('a code is good for its own address only', async (t) => {
  await signUp('eve@example.com')
  await signUp('fay@example.com')
  const { Token } = await mailTo('eve@example.com')
  const args = { type: 'signup', email: 'fay@example.com', token: Token }
  if (Token !== (await mailTo('fay@example.com')).Token) {
    t.same(await ask('verify', args), codeExpired)
  }
  t.match(await ask('verify', { ...args, email: 'eve@example.com' }), { status: 200 })
})

t.test('a code dies of ten wrong guesses, and its link lives', async (t) => {
  const email = 'gil@example.com'
  await signUp(email)
  const { Token, TokenHash } = await mailTo(email)
  for (let guess = 0; guess < 10; guess++) {
    t.same(await ask('verify', { type: 'signup', email, token: other(Token) }), codeExpired)
  }
  t.same(await ask('verify', { type: 'signup', email, token: Token }), codeExpired)
  t.match(await ask('verify', { type: 'signup', token_hash: TokenHash }), { status: 200 })
})

t.test('a wrong guess is remembered, whatever type it is tried as', async (t) => {
  const email = 'hal@example.com'
  await signUp(email)
  const { Token } = await mailTo(email)
  for (const type of ['signup', 'invite', 'email']) {
    await ask('verify', { type, email, token: other(Token) })
  }
  for (const type of ['recovery', 'nonsense', 'email_change']) {
    await ask('verify', { type, email, token: Token })
  }
  const [kept] = await sql`
    select attempts from auth_private.one_time_codes where relates_to = ${email}
  `
  t.equal(kept?.attempts, 3)
  t.match(await ask('verify', { type: 'email', email, token: Token }), { status: 200 })
})

t.test('codes have as many digits as the settings say', async (t) => {
  for (const digits of [6, 8, 10]) {
    await settings({ mailer_otp_length: digits })
    await signUp(`digits${digits}@example.com`)
    const { Token } = await mailTo(`digits${digits}@example.com`)
    t.match(Token, new RegExp(`^\\d{${digits}}$`))
  }
})
