// The application hears of a user that was made; whatever it says, the user stays.

import t from 'tap'
import { openHooks } from '../support/hooks.ts'
import { openUsers, password, refusal, type From } from '../support/users.ts'

const users = await openUsers(t, { external_anonymous_users_enabled: true })
const { ask, mailTo, settings, sql, timePasses } = users
const hooks = await openHooks(users)
const name = 'after_user_created'
const admin: From = { claims: { role: 'service_role' } }
const no = `return '{"error": {"http_code": 409, "message": "who is that"}}';`

const isThere = async (email: string) =>
  (await sql`select from auth.users where email = ${email}`).length === 1

t.test('hears of a user who signed up, as it is', async (t) => {
  await hooks.on(name)
  const answer = await ask('signup', { email: 'ann@example.com', password })
  const [event, ...others] = await hooks.heard(name)
  t.same(event?.user, answer.body)
  t.match(event, {
    metadata: { name: 'after-user-created' },
    user: { confirmation_sent_at: String, identities: [{ provider: 'email' }] },
  })
  t.same(others, [])
})

t.test('hears nothing of who signs up again, nor of a session at once', async (t) => {
  await timePasses('61 seconds')
  t.match(await ask('signup', { email: 'ann@example.com', password }), { status: 200 })
  await ask('verify', { type: 'signup', token_hash: (await mailTo('ann@example.com')).TokenHash })
  await timePasses('61 seconds')
  t.match(await ask('signup', { email: 'ann@example.com', password }), { status: 200 })
  t.match(await ask('otp', { email: 'ann@example.com' }), { status: 200 })
  await settings({ mailer_autoconfirm: true })
  t.match(await ask('signup', { email: 'auto@example.com', password }), { status: 200 })
  await settings({ mailer_autoconfirm: false })
  t.match(await ask('admin_create_user', { email: 'adm@example.com' }, admin), { status: 200 })
  t.same(await hooks.heard(name), [])
})

t.test('its error answers the sign-up, and the user, the mail and its notes stay', async (t) => {
  await hooks.on(name, no)
  for (const [routine, email] of [
    ['signup', 'ben@example.com'],
    ['otp', 'cleo@example.com'],
    ['magiclink', 'dan@example.com'],
  ] as const) {
    t.same(
      await ask(routine, { email, ...(routine === 'signup' && { password }) }),
      refusal(500, 'unexpected_failure', 'Error invoking hook'),
    )
    t.ok(await isThere(email))
    t.match(await mailTo(email), { kind: 'confirmation' })
    t.equal((await hooks.heard(name)).length, 1)
  }
})

t.test('an admin and an anonymous user are told the error itself', async (t) => {
  for (const [routine, args] of [
    ['invite', { email: 'eve@example.com' }],
    ['admin_generate_link', { type: 'invite', email: 'fay@example.com' }],
    ['admin_generate_link', { type: 'signup', email: 'gus@example.com', password }],
    ['admin_generate_link', { type: 'magiclink', email: 'hal@example.com' }],
  ] as const) {
    t.same(await ask(routine, args, admin), refusal(409, 'unknown', 'who is that'))
    t.ok(await isThere(args.email))
  }
  t.match(await ask('signup'), { ...refusal(409, 'unknown', 'who is that'), headers: {} })
  t.equal((await sql`select from auth.users where is_anonymous`).length, 1)
  t.equal((await hooks.heard(name)).length, 5)
})

t.test('invites and links for users who are there already are no news', async (t) => {
  for (const [routine, args] of [
    ['invite', { email: 'eve@example.com' }],
    ['admin_generate_link', { type: 'invite', email: 'fay@example.com' }],
    ['admin_generate_link', { type: 'signup', email: 'gus@example.com', password }],
  ] as const) {
    t.match(await ask(routine, args, admin), { status: 200 })
  }
  t.same(await hooks.heard(name), [])
})

t.test('a hook that fails undoes its own work and nothing else', async (t) => {
  for (const [body, status, message] of [
    [`raise exception 'not today';`, 500, 'not today'],
    [`raise sqlstate 'PT402' using message = 'pay first';`, 402, 'pay first'],
    [
      'return 1 / 0;',
      500,
      'Error running hook URI: pg-functions://postgres/app/after_user_created',
    ],
    [`return '[]';`, 500, 'Error unmarshaling JSON output.'],
  ] as const) {
    await hooks.on(name, body)
    const email = `x${message.replace(/\W/g, '').toLowerCase()}@example.com`
    const { body: said } = await ask('invite', { email }, admin)
    t.match(said, { code: status, msg: message })
    t.ok(await isThere(email))
    t.match(await mailTo(email), { kind: 'invite' })
  }
  t.same(await hooks.heard(name), [])
})
