// What users change of themselves.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, join, rows } = await openUsers(t)
const ann = await join('ann@example.com', { data: { name: 'Ann', city: 'Wien' } })
const asAnn = { as: ann }

t.test('merges user_metadata, one level deep, and null deletes a key', async (t) => {
  const data = { city: null, name: 'Anna', address: { street: 'Ring', number: null } }
  const answer = await ask('update_user', { data }, asAnn)
  t.same(answer, {
    status: 200,
    headers: {},
    body: { ...ann.user, user_metadata: metadata(answer.body), updated_at: answer.body.updated_at },
  })
  t.same(metadata(answer.body), {
    sub: ann.user.id,
    email: 'ann@example.com',
    email_verified: true,
    phone_verified: false,
    name: 'Anna',
    address: { street: 'Ring', number: null },
  })

  function metadata(user: { user_metadata?: unknown }) {
    return user.user_metadata
  }
})

t.test('refuses what may not be so, and changes nothing', async (t) => {
  await join('taken@example.com')
  const cases: [Record<string, unknown>, number, string, string][] = [
    [{ password }, 422, 'same_password', 'New password should be different from the old password.'],
    [
      { password: 'x'.repeat(73) },
      400,
      'validation_failed',
      'Password cannot be longer than 72 characters',
    ],
    [
      { app_metadata: { admin: true } },
      403,
      'not_admin',
      'Updating app_metadata requires admin privileges',
    ],
    [{ app_metadata: {} }, 403, 'not_admin', 'Updating app_metadata requires admin privileges'],
    [{ email: 'no' }, 400, 'validation_failed', 'Unable to validate email address: invalid format'],
    [
      { email: 'Taken@Example.com', data: { name: 'x' } },
      422,
      'email_exists',
      'A user with this email address has already been registered',
    ],
    [
      { phone: '49123' },
      422,
      'phone_provider_disabled',
      'Changing the phone number is not available yet',
    ],
    [
      { code_challenge: 'x'.repeat(43) },
      400,
      'validation_failed',
      'PKCE flow requires code_challenge_method and code_challenge',
    ],
  ]
  const before = [await rows(), (await ask('get_user', {}, asAnn)).body]
  for (const [args, status, code, message] of cases) {
    const answer = await ask('update_user', args as never, asAnn)
    t.same(answer, refusal(status, code, message), JSON.stringify(args))
  }
  for (const weak of ['', 'short']) {
    t.match(await ask('update_user', { password: weak }, asAnn), {
      status: 422,
      body: { error_code: 'weak_password', weak_password: { reasons: ['length'] } },
    })
  }
  t.same([await rows(), (await ask('get_user', {}, asAnn)).body], before)
})

t.test('one’s own address and an empty one change nothing', async (t) => {
  for (const email of ['ann@example.com', 'ANN@example.com', '']) {
    const { status, body } = await ask('update_user', { email }, asAnn)
    t.match([status, body.email, body.new_email], [200, 'ann@example.com', undefined])
  }
})
