// The hooks send_email and send_sms at a URL: signed, whole, and never at the cost of a request.

import { pino } from 'pino'
import t, { type Test } from 'tap'
import { openUsers, password, type From } from '../support/users.ts'
import { until } from '../support/until.ts'
import { openWebhook, secret } from '../support/webhook.ts'
import { startWorker } from '../../worker/worker.ts'

const secrets = [secret(), secret()].join('|')
const hook = await openWebhook(t, secrets)
const users = await openUsers(t, {
  site_url: 'https://app.example.com',
  api_external_url: 'https://auth.example.com',
  external_phone_enabled: true,
  hook_send_email_enabled: true,
  hook_send_email_uri: hook.url,
  hook_send_email_secrets: secrets,
  hook_send_sms_enabled: true,
  hook_send_sms_uri: hook.url,
  hook_send_sms_secrets: secrets,
})
const { ask, sql, timePasses, settings } = users
const admin: From = { claims: { role: 'service_role' } }
const logged: string[] = []
const worker = await startWorker({
  databaseUrl: users.workerUrl,
  smtp: { host: '127.0.0.1', port: 1, adminEmail: 'auth@example.com' },
  log: pino({ level: 'trace' }, { write: (line) => void logged.push(line) }),
})
t.teardown(() => worker.close())

const nothing = {
  token: '',
  token_hash: '',
  redirect_to: 'https://app.example.com',
  site_url: 'https://auth.example.com',
  token_new: '',
  token_hash_new: '',
  old_email: '',
  old_phone: '',
  provider: '',
  factor_type: '',
}
const code = /^\d{6}$/
const hash = /^[0-9a-f]{64}$/

/** The user as the API shows it, with what may differ by when it was asked left out. */
const userOf = async (email: string) => {
  const [row] =
    await sql`select auth_private.user_json(u) as json from auth.users u where email = ${email}`
  return timeless(row?.json)
}
const timeless = (user: object) =>
  Object.fromEntries(Object.entries(user).filter(([key]) => !key.endsWith('_at')))

/** Has the whole of a call be as GoTrue's is: keys, user, and email_data with every key. */
const isWhole = async (
  t: Test,
  call: Awaited<ReturnType<typeof hook.next>>,
  email: string,
  data: object,
) => {
  const { user, email_data, metadata, ...others } = call.body
  t.same(others, {})
  t.match(metadata, { uuid: call.headers['webhook-id'], name: 'send-email', time: /^\d{4}-.*Z$/ })
  t.same(timeless(user), await userOf(email))
  t.same(Object.keys(email_data).sort(), Object.keys({ ...nothing, email_action_type: '' }).sort())
  t.match(email_data, { ...nothing, ...data })
  return email_data
}

t.test('a sign-up is posted, signed by each secret, to be read as it is', async (t) => {
  t.match(await ask('signup', { email: 'ann@example.com', password }), { status: 200 })
  const call = await hook.next()
  t.match(call, {
    method: 'POST',
    path: '/hook',
    headers: {
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'webhook-id': /^[0-9a-f-]{36}$/,
      'webhook-timestamp': /^\d{10}$/,
      'webhook-signature': /^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/,
    },
  })
  const data = await isWhole(t, call, 'ann@example.com', {
    token: code,
    token_hash: hash,
    email_action_type: 'signup',
  })
  t.match(await ask('verify', { type: 'signup', token_hash: data.token_hash }), { status: 200 })
  await until(async () => (await sql`select from auth_private.outbox`).length === 0)
})

for (const [title, routine, args, email, action] of [
  ['a magic link', 'magiclink', { email: 'ann@example.com' }, 'ann@example.com', 'magiclink'],
  ['a recovery', 'recover', { email: 'ann@example.com' }, 'ann@example.com', 'recovery'],
  ['an invitation', 'invite', { email: 'guest@example.com' }, 'guest@example.com', 'invite'],
] as const) {
  t.test(`${title} is posted whole, and its token is good`, async (t) => {
    await timePasses('61 seconds')
    t.match(await ask(routine, args, routine === 'invite' ? admin : {}), { status: 200 })
    const more = { token: code, token_hash: hash, email_action_type: action }
    const { token_hash } = await isWhole(t, await hook.next(), email, more)
    t.match(await ask('verify', { type: action, token_hash }), { status: 200 })
  })
}

t.test('a reauthentication is posted with its code and no link', async (t) => {
  const as = await users.signIn('ann@example.com')
  await ask('reauthenticate', {}, { as })
  const more = { token: code, email_action_type: 'reauthentication' }
  await isWhole(t, await hook.next(), 'ann@example.com', more)
})

t.test('a change of address is one call with crossed pairs, or one pair', async (t) => {
  const as = await users.signIn('ann@example.com')
  await ask('update_user', { email: 'ann@new.example.com' }, { as })
  await isWhole(t, await hook.next(), 'ann@example.com', {
    token: code,
    token_hash: hash,
    token_new: code,
    token_hash_new: hash,
    email_action_type: 'email_change',
  })
  await timePasses('61 seconds')
  await settings({ mailer_secure_email_change_enabled: false })
  await ask('update_user', { email: 'ann@new.example.com' }, { as })
  const more = { token: code, token_hash: hash, email_action_type: 'email_change' }
  await isWhole(t, await hook.next(), 'ann@example.com', more)
})

for (const [kind, variables, data] of [
  ['password_changed', {}, {}],
  ['email_changed', { OldEmail: 'old@example.com' }, { old_email: 'old@example.com' }],
  ['phone_changed', { Phone: '2', OldPhone: '1' }, { old_phone: '1' }],
  ['identity_linked', { Provider: 'github' }, { provider: 'github' }],
  ['identity_unlinked', { Provider: 'github' }, { provider: 'github' }],
  ['mfa_factor_enrolled', { FactorType: 'totp' }, { factor_type: 'totp' }],
  ['mfa_factor_unenrolled', { FactorType: 'totp' }, { factor_type: 'totp' }],
] as const) {
  t.test(`the notification ${kind} is posted whole`, async (t) => {
    await settings({ [`mailer_notifications_${kind}_enabled`]: true })
    await sql`
      select auth_private.notify(${`${kind}_notification`}, u, u.email, ${sql.json(variables)})
      from auth.users u where u.email = 'ann@example.com'
    `
    const more = { ...data, email_action_type: `${kind}_notification` }
    await isWhole(t, await hook.next(), 'ann@example.com', more)
  })
}

t.test('an SMS is posted with its code and number', async (t) => {
  t.match(await ask('otp', { phone: '15551230001' }), { status: 200 })
  const { body, headers } = await hook.next()
  t.same(Object.keys(body).sort(), ['metadata', 'sms', 'user'])
  t.match(body.metadata, { uuid: headers['webhook-id'], name: 'send-sms' })
  t.same(Object.keys(body.sms).sort(), ['otp', 'phone'])
  t.match(body.sms, { otp: code, phone: '15551230001' })
  const verified = await ask('verify', { type: 'sms', phone: '15551230001', token: body.sms.otp })
  t.match(verified, { status: 200 })
})

let last = 0
/** Signs somebody up while the hook says this, and tells what became of the call. */
async function attempt(said: Parameters<typeof hook.says>[0]) {
  const email = `user${++last}@example.com`
  hook.says(said)
  const { status } = await ask('signup', { email, password })
  let row: { attempts: number; parked: boolean; error: string } | undefined
  await until(async () => {
    ;[row] = await sql<NonNullable<typeof row>[]>`
      select attempts, parked_at is not null as parked, last_error as error
      from auth_private.outbox
      where recipient = ${email} and leased_until is null and (attempts > 0)
    `
    return row !== undefined
  })
  hook.heard.length = 0
  await sql`delete from auth_private.outbox`
  return { status, ...row }
}

const json = { 'content-type': 'application/json; charset=utf-8' }
const busy = 'Service currently unavailable due to hook'
const error = (http_code: number | undefined, message: string) =>
  JSON.stringify({ error: { http_code, message } })

for (const [title, said, parked, reason] of [
  ['400', { status: 400 }, true, 'Invalid payload sent to hook'],
  ['401', { status: 401 }, false, 'Hook requires authorization token'],
  ['404', { status: 404 }, false, 'Unexpected status code returned from hook: 404'],
  ['422', { status: 422 }, true, 'Unexpected status code returned from hook: 422'],
  ['429', { status: 429, headers: { 'retry-after': '1' } }, false, busy],
  ['503', { status: 503 }, false, busy],
  ['500', { status: 500 }, false, 'Unexpected status code returned from hook: 500'],
  ['201', { status: 201 }, true, 'Unexpected status code returned from hook: 201'],
  [
    'a redirect',
    { status: 307, headers: { location: 'https://example.com' } },
    false,
    'Unexpected status code returned from hook: 307',
  ],
  [
    'no type',
    { status: 200, body: '{}' },
    true,
    'Invalid Content-Type: Missing Content-Type header',
  ],
  [
    'another type',
    { status: 200, headers: { 'content-type': 'text/html' }, body: '{}' },
    true,
    'Invalid JSON response: the content type is another',
  ],
  ['no JSON', { headers: json, body: 'ok' }, true, 'Error unmarshaling JSON output.'],
  [
    'too much',
    { headers: json, body: JSON.stringify('x'.repeat(204_800)) },
    true,
    'Payload size exceeded size limit of 204800 bytes',
  ],
  [
    'its refusal',
    { headers: json, body: error(403, 'not to them') },
    true,
    'the hook: not to them',
  ],
  ['its 429', { headers: json, body: error(429, 'slower') }, false, 'the hook: slower'],
  ['its failure', { headers: json, body: error(502, 'no stamps') }, false, 'the hook: no stamps'],
  ['its error', { headers: json, body: error(undefined, 'oh') }, false, 'the hook: oh'],
] as const) {
  t.test(`${title}: the request succeeds, the call is ${parked ? 'parked' : 'kept'}`, async (t) => {
    t.same(await attempt(said), { status: 200, attempts: 1, parked, error: reason })
  })
}

for (const [title, said] of [
  ['204', { status: 204 }],
  ['202 with JSON', { status: 202, headers: json, body: '{"a": 1}' }],
  ['an error without a message', { headers: json, body: error(400, '') }],
] as const) {
  t.test(`${title} is taken`, async () => {
    hook.says(said)
    await ask('signup', { email: `user${++last}@example.com`, password })
    await hook.next()
    await until(async () => (await sql`select from auth_private.outbox`).length === 0)
  })
}

t.test('a repeated call is the same call', async (t) => {
  hook.says({ status: 503 })
  await ask('signup', { email: 'again@example.com', password })
  const first = await hook.next()
  hook.says()
  await until(async () => {
    const due = await sql`
      update auth_private.outbox set next_attempt_at = now()
      where leased_until is null and attempts = 1
      returning pg_notify('pgtrue_outbox', '')
    `
    return due.length > 0
  })
  const second = await hook.next()
  t.equal(second.headers['webhook-id'], first.headers['webhook-id'])
  t.same(second.body, first.body)
})

t.test('a hook that hangs is left after five seconds and called again later', async (t) => {
  t.match(await attempt('hang'), {
    status: 200,
    parked: false,
    error: 'Failed to reach hook within maximum time of 5.000000 seconds',
  })
})

t.test('what a person can put right waits for it', async (t) => {
  for (const [changes, reason] of [
    [
      { hook_send_email_uri: 'http://127.0.0.1:1/' },
      /^Failed to reach hook: .*(ECONNREFUSED|bad port)/,
    ],
    [{ hook_send_email_secrets: '' }, 'hook_send_email_secrets is empty: nothing signs the call'],
    [{ hook_send_email_secrets: secret() }, 'Hook requires authorization token'],
  ] as const) {
    await settings(changes)
    t.match(await attempt(undefined), { status: 200, parked: false, error: reason })
    await settings({ hook_send_email_uri: hook.url, hook_send_email_secrets: secrets })
  }
  t.same(hook.refused, ['No matching signature found'])
})

t.test('neither log nor table tell codes, hashes, addresses, secrets or bodies', async (t) => {
  hook.says({ status: 503 })
  await ask('signup', { email: 'canary@example.com', password })
  const { body } = await hook.next()
  const { token, token_hash } = body.email_data
  hook.says({
    headers: json,
    body: error(400, `no ${token_hash} ${token} to canary@example.com`),
  })
  await until(async () => {
    await sql`
      update auth_private.outbox set next_attempt_at = now()
      where leased_until is null and parked_at is null
      returning pg_notify('pgtrue_outbox', '')
    `
    return (await sql`select from auth_private.outbox where parked_at is not null`).length > 0
  })
  const [row] = await sql`select last_error from auth_private.outbox where parked_at is not null`
  t.equal(row?.last_error, 'the hook: no … … to …')

  const log = logged.join('')
  t.match(log, /"msg":"call of a hook sent"/)
  t.match(log, /"msg":"call of a hook not sent"/)
  t.notMatch(log, /canary|@example\.com|whsec|127\.0\.0\.1:\d+\/hook/)
  for (const value of [token, token_hash]) t.notMatch(log, value)
})
