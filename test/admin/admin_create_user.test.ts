// Users that an admin makes.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { createSupabase } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { disable_signup: true })
const admin = createAdmin(stack)
const ask = openAdmin(stack)
const password = 'correct horse battery'
const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

t.test('makes a confirmed user, who signs in with the password', async (t) => {
  const { data, error } = await admin.createUser({
    email: 'Ann@Example.com',
    password,
    email_confirm: true,
    user_metadata: { name: 'Ann' },
    app_metadata: { plan: 'gold' },
  })
  t.equal(error, null)
  const id = data.user?.id as string
  const { identity_id } = data.user?.identities?.[0] as { identity_id: string }
  t.match(data.user, { created_at: time, updated_at: time, email_confirmed_at: time })
  const moment = data.user?.created_at
  t.same(data.user, {
    id,
    aud: 'authenticated',
    role: 'authenticated',
    email: 'ann@example.com',
    email_confirmed_at: moment,
    phone: '',
    confirmed_at: moment,
    created_at: moment,
    updated_at: moment,
    is_anonymous: false,
    app_metadata: { provider: 'email', providers: ['email'], plan: 'gold' },
    user_metadata: { name: 'Ann', email_verified: true },
    identities: [
      {
        identity_id,
        id,
        user_id: id,
        provider: 'email',
        email: 'ann@example.com',
        identity_data: {
          sub: id,
          email: 'ann@example.com',
          email_verified: false,
          phone_verified: false,
        },
        last_sign_in_at: moment,
        created_at: moment,
        updated_at: moment,
      },
    ],
  })

  const signedIn = await createSupabase(stack).auth.signInWithPassword({
    email: 'ann@example.com',
    password,
  })
  t.match(signedIn.data.user, { id, app_metadata: { plan: 'gold' } })
  t.equal(stack.inbox.waiting().length, 0, 'and nothing is mailed')
})

t.test('makes one who is not confirmed, and takes a weak password', async (t) => {
  t.equal((await admin.createUser({ email: 'bob@example.com', password: 'abc' })).error, null)
  const signedIn = await createSupabase(stack).auth.signInWithPassword({
    email: 'bob@example.com',
    password: 'abc',
  })
  t.match(signedIn.error, { code: 'email_not_confirmed' })
})

t.test('takes id, role, audience, a ban and a telephone number', async (t) => {
  const id = '6f2a1c9e-3b64-4f0a-9c0e-0d9b6a3e5f11'
  const answer = await ask('POST', '/admin/users', {
    id,
    aud: 'staff',
    role: 'service_role',
    phone: '+49 123 4567',
    phone_confirm: true,
    ban_duration: '1h30m',
  })
  t.match(answer, {
    status: 200,
    body: {
      id,
      aud: 'staff',
      role: 'service_role',
      email: '',
      phone: '491234567',
      phone_confirmed_at: time,
      confirmed_at: time,
      user_metadata: {},
      app_metadata: { provider: 'phone', providers: ['phone'] },
      identities: [{ id, provider: 'phone', identity_data: { sub: id, phone_verified: false } }],
    },
  })
  const [row] = await stack.sql`
    select banned_until - created_at = interval '90 minutes' as banned, encrypted_password
    from auth.users where id = ${id}
  `
  t.same(row, { banned: true, encrypted_password: '' })
})

t.test('takes a bcrypt hash from elsewhere', async (t) => {
  const [row] = await stack.sql`select auth_private.hash_password(${password}) as hash`
  const password_hash = (row?.hash as string).replace('$2a$', '$2b$')
  const email = 'moved@example.com'
  t.equal((await admin.createUser({ email, password_hash, email_confirm: true })).error, null)
  const { error } = await createSupabase(stack).auth.signInWithPassword({ email, password })
  t.equal(error, null)
})

t.test('refuses', async (t) => {
  const email = 'new@example.com'
  const cases: [object, ...Parameters<typeof refusal>][] = [
    [{}, 400, 'validation_failed', 'Cannot create a user without either an email or phone'],
    [{ email: 'no' }, 400, 'validation_failed', 'Unable to validate email address: invalid format'],
    [
      { email: 'ANN@example.com' },
      422,
      'email_exists',
      'A user with this email address has already been registered',
    ],
    [
      { phone: '491234567' },
      422,
      'phone_exists',
      'Phone number already registered by another user',
    ],
    [{ phone: '0123' }, 400, 'validation_failed', 'Invalid phone number format (E.164 required)'],
    [
      { email, password, password_hash: '$2a$10$x' },
      400,
      'validation_failed',
      'Only a password or a password hash should be provided',
    ],
    [
      { email, password_hash: '$argon2id$v=19$m=16,t=2,p=1$c2FsdHNhbHQ$aGFzaA' },
      400,
      'validation_failed',
      'Password hash must be bcrypt',
    ],
    [
      { email, password: 'x'.repeat(73) },
      400,
      'validation_failed',
      'Password cannot be longer than 72 characters',
    ],
    [{ email, id: 'x' }, 400, 'validation_failed', 'ID must conform to the uuid v4 format'],
    [
      { email, id: '00000000-0000-0000-0000-000000000000' },
      400,
      'validation_failed',
      'ID cannot be a nil uuid',
    ],
    [
      { email, ban_duration: '7d' },
      400,
      'validation_failed',
      'invalid format for ban duration: time: invalid duration "7d"',
    ],
    [
      { email: 1 },
      400,
      'bad_json',
      'Could not parse request body as JSON: json: cannot unmarshal number into Go struct field ' +
        'AdminUserParams.email of type string',
    ],
  ]
  const count = async () => (await stack.sql`select count(*)::integer from auth.users`)[0]?.count
  const before = await count()
  for (const [body, ...why] of cases) {
    t.same(await ask('POST', '/admin/users', body), refusal(...why), JSON.stringify(body))
  }
  const id = '6f2a1c9e-3b64-4f0a-9c0e-0d9b6a3e5f11'
  t.match(await ask('POST', '/admin/users', { email, id }), {
    status: 500,
    body: { error_code: 'unexpected_failure', msg: 'Database error creating new user' },
  })
  t.equal(await count(), before)
})

t.test('reads durations as Go does', async (t) => {
  const cases: [string, number | null][] = [
    ['24h', 86400],
    ['1h1m1s', 3661],
    ['1.5s', 1.5],
    ['.5m', 30],
    ['100ms', 0.1],
    ['5us', 0.000005],
    ['5µs', 0.000005],
    ['-1h', -3600],
    ['+1m', 60],
    ['2562047h', 9223369200],
    ['none', null],
    ['0', null],
    ['0s', null],
  ]
  for (const [duration, seconds] of cases) {
    const [row] = await stack.sql`
      select extract(epoch from auth_private.ban_end(${duration}, now()) - now())::float8 as seconds
    `
    t.equal(row?.seconds, seconds, duration)
  }
  for (const duration of ['24', '1d', 'h', '1h 1m', '', '-', '1e3s', '2562048h', '. s']) {
    const asked = stack.sql`select auth_private.ban_end(${duration}, null) as ban_end`
    await (duration === ''
      ? t.resolveMatch(asked, [{ ban_end: null }])
      : t.rejects(asked, { code: 'PT400', detail: 'validation_failed' }, duration))
  }
})

t.test('two that want one address at once: one is told that it is taken', async (t) => {
  const body = { email: 'race@example.com' }
  const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/admin/users', body)))
  t.same(answers.map(({ status }) => status).sort(), [200, 422, 422])
})
