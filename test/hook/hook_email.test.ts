// The application sends the mail, by a function of the database or at a URL.

import t from 'tap'
import { openHooks } from '../support/hooks.ts'
import { openUsers, password, refusal, type From } from '../support/users.ts'

const users = await openUsers(t, {
  site_url: 'https://app.example.com',
  api_external_url: 'https://auth.example.com',
})
const { ask, rows, settings, sql, timePasses } = users
const hooks = await openHooks(users)
const name = 'send_email'
const admin: From = { claims: { role: 'service_role' } }
const queued = () => sql`
  delete from auth_private.outbox returning channel, kind, recipient, user_id, variables
`
const nothing = {
  redirect_to: 'https://app.example.com',
  site_url: 'https://auth.example.com',
  token_new: '',
  token_hash_new: '',
  old_email: '',
  old_phone: '',
  provider: '',
  factor_type: '',
}
const fresh = { token: /^\d{6}$/, token_hash: /^[0-9a-f]{64}$/ }
await hooks.on(name)

/** What the hook heard in answer to this, of one mail. */
async function mailOf(routine: string, args: object, from: From = {}) {
  const answer = await ask(routine, args as never, from)
  if (answer.status !== 200) throw new Error(JSON.stringify(answer))
  const [event, ...others] = await hooks.heard(name)
  t.same(others, [])
  return event
}

t.test('a function of the database gets the mail, and nothing is queued', async (t) => {
  const event = await mailOf('signup', { email: 'ann@example.com', password })
  t.same(Object.keys(event ?? {}).sort(), ['email_data', 'metadata', 'user'])
  t.equal(event?.metadata.name, 'send-email')
  t.match(event?.user, { email: 'ann@example.com', identities: [{ provider: 'email' }] })
  const { token, token_hash, ...others } = event?.email_data ?? {}
  t.match({ token, token_hash }, fresh)
  t.same(others, { ...nothing, email_action_type: 'signup' })
  t.same(await queued(), [])

  const by = { type: 'signup', email: 'ann@example.com', token }
  t.match(await ask('verify', by), { status: 200 }, 'the code is good')
})

t.test('each kind has its name, and a token that verifies it', async (t) => {
  const email = 'ann@example.com'
  for (const [routine, args, action, type, from] of [
    ['magiclink', { email }, 'magiclink', 'magiclink', {}],
    ['otp', { email }, 'magiclink', 'email', {}],
    ['recover', { email }, 'recovery', 'recovery', {}],
    ['otp', { email: 'new@example.com' }, 'signup', 'signup', {}],
    ['invite', { email: 'guest@example.com' }, 'invite', 'invite', admin],
  ] as const) {
    await timePasses('61 seconds')
    const event = await mailOf(routine, args, from)
    t.match(event?.email_data, { ...fresh, email_action_type: action }, routine)
    const { token_hash } = event?.email_data ?? {}
    t.match(await ask('verify', { type, token_hash }), { status: 200 }, `${routine} verifies`)
  }
})

t.test('a reauthentication has a code and no link', async (t) => {
  const as = await users.signIn('ann@example.com')
  const event = await mailOf('reauthenticate', {}, { as })
  const { token, ...others } = event?.email_data ?? {}
  t.match(token, fresh.token)
  t.same(others, { ...nothing, token_hash: '', email_action_type: 'reauthentication' })
})

t.test('a PKCE flow and a redirect are told', async (t) => {
  await settings({ uri_allow_list: ['https://app.example.com/**'] })
  const event = await mailOf('signup', {
    email: 'pkce@example.com',
    password,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 's256',
    redirect_to: 'https://app.example.com/welcome',
  })
  t.match(event?.email_data, {
    token_hash: /^pkce_[0-9a-f]{64}$/,
    redirect_to: 'https://app.example.com/welcome',
  })
})

t.test('both mails of a change of address are one call, its pairs crossed', async (t) => {
  const as = await users.signIn('ann@example.com')
  const event = await mailOf('update_user', { email: 'ann@new.example.com' }, { as })
  t.match(event?.user, { email: 'ann@example.com', new_email: 'ann@new.example.com' })
  const data = event?.email_data
  t.match(data, { ...fresh, email_action_type: 'email_change', token_new: fresh.token })
  t.match(data.token_hash_new, fresh.token_hash)

  const kinds = await sql`
    select t.token_type
    from unnest(${[data.token_hash, data.token_hash_new]}::text[]) with ordinality given (token, place)
    join auth.one_time_tokens t on t.token_hash = auth_private.sha256_hex(given.token)
    order by given.place
  `
  t.same(
    kinds.map((row) => row.token_type),
    ['email_change_token_new', 'email_change_token_current'],
  )
  const change = (email: string, token: string) =>
    ask('verify', { type: 'email_change', email, token })
  t.match(await change('ann@example.com', data.token), { body: { msg: /accepted/ } })
  t.match(await change('ann@new.example.com', data.token_new), {
    body: { user: { email: 'ann@new.example.com' } },
  })
})

t.test('without the present address there is one pair, and it is not crossed', async (t) => {
  await timePasses('61 seconds')
  await settings({ mailer_secure_email_change_enabled: false })
  const as = await users.signIn('ann@new.example.com')
  const event = await mailOf('update_user', { email: 'ann@example.com' }, { as })
  const { token, token_hash, ...others } = event?.email_data ?? {}
  t.same(others, { ...nothing, email_action_type: 'email_change' })
  const by = { type: 'email_change', email: 'ann@example.com', token }
  t.match(await ask('verify', by), { body: { user: { email: 'ann@example.com' } } })
  t.match(token_hash, fresh.token_hash)
  await settings({ mailer_secure_email_change_enabled: true })
})

t.test('its refusal reaches the client and undoes everything', async (t) => {
  await hooks.on(name, `return '{"error": {"http_code": 503, "message": "no stamps"}}';`)
  const before = await rows()
  t.same(
    await ask('signup', { email: 'ben@example.com', password }),
    refusal(503, 'unknown', 'no stamps'),
  )
  t.same(await rows(), before)
})

t.test('a notification never undoes what it tells of', async (t) => {
  await settings({ mailer_notifications_password_changed_enabled: true })
  const change = async () => {
    const as = await users.signIn('ann@example.com')
    await ask('update_user', { password: 'another good one' }, { as })
    return ask('update_user', { password }, { as })
  }
  t.match(await change(), { status: 200 })
  await hooks.on(name)
  t.match(await change(), { status: 200 })
  const events = await hooks.heard(name)
  t.equal(events.length, 2)
  t.match(events[0]?.email_data, {
    ...nothing,
    token: '',
    token_hash: '',
    email_action_type: 'password_changed_notification',
  })
})

t.test('a hook at a URL gets the same by the outbox', async (t) => {
  await hooks.at(name, 'https://example.com/send')
  const { body } = await ask('signup', { email: 'cleo@example.com', password })
  const [row, ...others] = await queued()
  t.match(row, {
    channel: 'hook',
    kind: 'send_email',
    recipient: 'cleo@example.com',
    user_id: body.id,
    variables: {
      metadata: { uuid: String, name: 'send-email' },
      user: { id: body.id },
      email_data: { ...nothing, ...fresh, email_action_type: 'signup' },
    },
  })
  t.same(others, [])
})

t.test('an unknown address costs the same writes where the hook is at a URL', async (t) => {
  await timePasses('61 seconds')
  for (const [uri, channels] of [
    ['https://example.com/send', ['hook']],
    ['pg-functions://postgres/app/send_email', []],
  ] as const) {
    await hooks.at(name, uri)
    await queued()
    t.match(await ask('recover', { email: `nobody${uri.length}@example.com` }), { status: 200 })
    t.same(
      (await queued()).map((row) => [row.channel, row.kind]),
      channels.map((channel) => [channel, 'decoy']),
    )
  }
  t.same(await hooks.heard(name), [])
})
