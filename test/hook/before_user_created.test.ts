// The application is asked before a user is made, and may say no.

import t from 'tap'
import { openHooks } from '../support/hooks.ts'
import { openUsers, password, refusal, type From } from '../support/users.ts'

const users = await openUsers(t, { external_anonymous_users_enabled: true })
const { ask, mailTo, rows, settings, sql, timePasses } = users
const hooks = await openHooks(users)
const name = 'before_user_created'
await hooks.on(name)

const admin: From = { claims: { role: 'service_role' } }
const never = '0001-01-01T00:00:00Z'
const provider = { provider: 'email', providers: ['email'] }

t.test('hears of the user that is going to be, by its id', async (t) => {
  const answer = await ask('signup', { email: 'Ann@example.com', password, data: { name: 'Ann' } })
  const [event] = await hooks.heard(name)
  t.same(event?.user, {
    id: answer.body.id,
    aud: 'authenticated',
    role: '',
    email: 'ann@example.com',
    phone: '',
    app_metadata: provider,
    user_metadata: { name: 'Ann' },
    identities: [],
    created_at: never,
    updated_at: never,
    is_anonymous: false,
  })
})

const data = { name: 'New' }
const ways: [string, string, Record<string, object | string>, From, object][] = [
  ['an anonymous sign-in', 'signup', { data }, {}, { email: '', is_anonymous: true }],
  ['a code', 'otp', { email: 'otp@example.com', data }, {}, { email: 'otp@example.com' }],
  ['a link', 'magiclink', { email: 'link@example.com', data }, {}, { email: 'link@example.com' }],
  [
    'an invitation',
    'invite',
    { email: 'inv@example.com', data },
    admin,
    { email: 'inv@example.com' },
  ],
  [
    'a generated link',
    'admin_generate_link',
    { type: 'signup', email: 'gen@example.com', password, data },
    admin,
    { email: 'gen@example.com', app_metadata: provider },
  ],
  [
    'a generated invitation',
    'admin_generate_link',
    { type: 'invite', email: 'geninv@example.com', data },
    admin,
    { email: 'geninv@example.com' },
  ],
  [
    'a generated magic link',
    'admin_generate_link',
    { type: 'magiclink', email: 'genlink@example.com', data },
    admin,
    { email: 'genlink@example.com' },
  ],
]

for (const [way, routine, args, from, user] of ways) {
  t.test(`${way} asks, and a refusal leaves nothing`, async (t) => {
    await hooks.on(name, `return '{"error": {"http_code": 403, "message": "members only"}}';`)
    const before = await rows()
    t.same(await ask(routine, args as never, from), refusal(403, 'unknown', 'members only'))
    t.same(await rows(), before)

    await hooks.on(name)
    t.match(await ask(routine, args as never, from), { status: 200 })
    const [event] = await hooks.heard(name)
    t.match(event?.user, { role: '', user_metadata: data, created_at: never, ...user })
    const [made] = await sql`select id from auth.users where id = ${event?.user.id}`
    t.ok(made, 'the user has the id that the hook was told')
  })
}

t.test('anonymous users have no provider', async (t) => {
  await ask('signup')
  t.same((await hooks.heard(name))[0]?.user.app_metadata, {})
})

t.test('is asked of new users only', async (t) => {
  await timePasses('61 seconds')
  await ask('signup', { email: 'ann@example.com', password })
  await ask('verify', { type: 'signup', token_hash: (await mailTo('ann@example.com')).TokenHash })
  await timePasses('61 seconds')
  await ask('signup', { email: 'ann@example.com', password })
  await ask('otp', { email: 'ann@example.com' })
  await ask('invite', { email: 'inv@example.com' }, admin)
  await ask('admin_generate_link', { type: 'magiclink', email: 'ann@example.com' }, admin)
  t.same(await hooks.heard(name), [])
})

t.test('is not asked when an admin makes a user', async (t) => {
  t.match(await ask('admin_create_user', { email: 'adm@example.com' }, admin), { status: 200 })
  t.same(await hooks.heard(name), [])
})

t.test('is asked with autoconfirm, too', async (t) => {
  await settings({ mailer_autoconfirm: true })
  t.match(await ask('signup', { email: 'auto@example.com', password }), { status: 200 })
  t.equal((await hooks.heard(name)).length, 1)
  await settings({ mailer_autoconfirm: false })
})
