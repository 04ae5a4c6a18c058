// What happened, written in the transaction in which it happened.

import t from 'tap'
import { openUsers, password, type Session } from '../support/users.ts'

const { ask, join, mailTo, settings, signIn, sql, timePasses } = await openUsers(t)
const email = 'ann@example.com'
let seen = 0

/** The rows written since the last look. */
async function news() {
  const rows = await sql`select * from auth.audit_log_entries order by created_at, ctid`
  const fresh = rows.slice(seen)
  seen = rows.length
  return fresh
}
const summary = async () =>
  (await news()).map(({ payload }) => [payload.action, payload.log_type, payload.traits])

t.test('a row says who did what, in GoTrue’s form', async (t) => {
  const data = { full_name: 'Ann Example' }
  const { body } = await ask('signup', { email, password, data })
  const [row, ...others] = await news()
  t.same(others, [])
  t.match(row, {
    instance_id: '00000000-0000-0000-0000-000000000000',
    id: /^[0-9a-f-]{36}$/,
    ip_address: '',
    created_at: Date,
  })
  t.same(row?.payload, {
    actor_id: body.id,
    actor_via_sso: false,
    actor_username: email,
    actor_name: 'Ann Example',
    action: 'user_confirmation_requested',
    log_type: 'user',
    traits: { provider: 'email' },
  })
})

t.test('each event has its action, type and traits', async (t) => {
  const { TokenHash } = await mailTo(email)
  const verified = await ask('verify', { type: 'signup', token_hash: TokenHash })
  const session = verified.body as Session
  const provider = { provider: 'email' }
  t.same(await summary(), [['user_signedup', 'team', provider]])

  const events: [() => Promise<unknown>, unknown[]][] = [
    [() => signIn(email), [['login', 'account', provider]]],
    [
      () => ask('refresh', { refresh_token: session.refresh_token }),
      [['token_refreshed', 'token', undefined]],
    ],
    [() => ask('signup', { email, password }), [['user_repeated_signup', 'user', provider]]],
    [() => ask('recover', { email }), [['user_recovery_requested', 'user', undefined]]],
    [
      async () => ask('verify', { type: 'recovery', token_hash: (await mailTo(email)).TokenHash }),
      [['login', 'account', undefined]],
    ],
    [() => ask('otp', { email }), [['user_recovery_requested', 'user', undefined]]],
    [
      () => ask('update_user', { data: { a: 1 } }, { as: session }),
      [['user_modified', 'user', undefined]],
    ],
    [() => ask('update_user', {}, { as: session }), [['user_modified', 'user', undefined]]],
    [
      () => ask('update_user', { password: 'another password' }, { as: session }),
      [
        ['user_updated_password', 'user', undefined],
        ['user_modified', 'user', undefined],
      ],
    ],
    [
      () => ask('reauthenticate', {}, { as: session }),
      [['user_reauthenticate_requested', 'user', undefined]],
    ],
    [() => ask('signout', {}, { as: session }), [['logout', 'account', undefined]]],
  ]
  for (const [happen, expected] of events) {
    await timePasses('61 seconds')
    await happen()
    t.same(await summary(), expected, JSON.stringify(expected))
  }
})

t.test('the end of a PKCE flow and autoconfirm are told apart', async (t) => {
  const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 'plain' }
  await timePasses('61 seconds')
  await ask('otp', { email, ...challenge })
  const { headers } = await ask('verify_link', {
    type: 'magiclink',
    token: (await mailTo(email)).TokenHash,
  })
  const auth_code = new URL(headers.Location ?? '').searchParams.get('code') ?? ''
  await ask('exchange_code', { auth_code, code_verifier: challenge.code_challenge })
  t.same(await summary(), [
    ['user_recovery_requested', 'user', undefined],
    ['login', 'account', undefined],
    ['login', 'account', { provider_type: 'email' }],
  ])

  await settings({ mailer_autoconfirm: true })
  await ask('signup', { email: 'bob@example.com', password })
  t.same(await summary(), [
    ['user_signedup', 'team', { provider: 'email' }],
    ['login', 'account', { provider: 'email' }],
  ])
  await settings({ mailer_autoconfirm: false })
})

t.test('what is refused or about nobody leaves no row', async (t) => {
  await ask('signin', { email, password: 'wrong password' })
  await ask('signup', { email: 'no', password })
  await ask('recover', { email: 'nobody@example.com' })
  await ask('refresh', { refresh_token: 'x' })
  await ask('verify', { type: 'email', email, token: '000000' })
  t.same(await news(), [])
})

t.test('what is rolled back did not happen', async (t) => {
  const undo = new Error('undo')
  const attempt = sql.begin(async (sql) => {
    await sql`select auth.signup('cid@example.com', ${password})`
    const written = await sql`
      select from auth.audit_log_entries
      where payload ->> 'actor_username' = 'cid@example.com'
    `
    t.equal(written.length, 1, 'written in the same transaction')
    throw undo
  })
  await t.rejects(attempt, undo)
  t.same(await news(), [])
})

t.test('holds no secret', async (t) => {
  const all = JSON.stringify(await sql`select payload from auth.audit_log_entries`)
  t.notMatch(all, /password[^"]|[0-9a-f]{64}|eyJ/)
})

t.test('can be turned off', async (t) => {
  await settings({ audit_log_disable_postgres: true })
  await join('off@example.com')
  t.same(await news(), [])
})
