// Who the bearer of a token is.

import t from 'tap'
import { claimsOf, openUsers, refusal } from '../support/users.ts'

const { ask, join, sql } = await openUsers(t)
const ann = await join('ann@example.com', { data: { name: 'Ann' } })

t.test('shows the user of the token as signing in did', async (t) => {
  t.same(await ask('get_user', {}, { as: ann }), { status: 200, headers: {}, body: ann.user })
})

t.test('shows what is so now, not what the token says', async (t) => {
  await sql`
    update auth.users set raw_user_meta_data = '{"name": "Anna"}' where email = 'ann@example.com'
  `
  const { body } = await ask('get_user', {}, { as: ann })
  t.same(body.user_metadata, { name: 'Anna' })
  t.match(claimsOf(ann).user_metadata, { name: 'Ann' })
})

t.test('has every field that GoTrue has, and no secret', async (t) => {
  await sql`
    update auth.users
    set invited_at = now(), phone = '4912345', phone_confirmed_at = now(), email_change = 'a@b',
      email_change_sent_at = now(), phone_change = '49', phone_change_sent_at = now(),
      recovery_sent_at = now(), reauthentication_sent_at = now(), deleted_at = null,
      banned_until = now() - interval '1 day', encrypted_password = 'canary',
      confirmation_token = 'canary', recovery_token = 'canary', reauthentication_token = 'canary'
    where email = 'ann@example.com'
  `
  const { body } = await ask('get_user', {}, { as: ann })
  t.same(Object.keys(body).sort(), [
    'app_metadata',
    'aud',
    'banned_until',
    'confirmation_sent_at',
    'confirmed_at',
    'created_at',
    'email',
    'email_change_sent_at',
    'email_confirmed_at',
    'id',
    'identities',
    'invited_at',
    'is_anonymous',
    'last_sign_in_at',
    'new_email',
    'new_phone',
    'phone',
    'phone_change_sent_at',
    'phone_confirmed_at',
    'reauthentication_sent_at',
    'recovery_sent_at',
    'role',
    'updated_at',
    'user_metadata',
  ])
  t.match(body, { new_email: 'a@b', new_phone: '49', phone: '4912345' })
  t.notMatch(JSON.stringify(body), 'canary')
})

t.test('shows second factors in full, and nulls in metadata', async (t) => {
  const bob = await join('bob@example.com', { data: { nothing: null, deep: { nothing: null } } })
  await sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, secret, created_at, updated_at)
    values (gen_random_uuid(), ${bob.user.id}, 'totp', 'verified', 'canary', now(), now())
  `
  const { body } = await ask('get_user', {}, { as: bob })
  t.match(body.factors, [{ factor_type: 'totp', status: 'verified', phone: '' }])
  t.equal(body.factors[0].last_challenged_at, null)
  t.match(body.user_metadata, { nothing: null, deep: { nothing: null } })
  t.notMatch(JSON.stringify(body), 'canary')
})

t.test('refuses a token for another audience', async (t) => {
  const mismatch = refusal(
    400,
    'validation_failed',
    "Token audience doesn't match request audience",
  )
  const { aud, ...claims } = claimsOf(ann)
  const cases: [unknown, string | undefined, boolean][] = [
    [aud, undefined, true],
    [aud, '', true],
    [aud, 'authenticated', true],
    [[aud, 'other'], 'authenticated', true],
    [aud, 'other', false],
    [['other', aud], 'authenticated', false],
    ['', undefined, false],
    [[], undefined, false],
    [null, undefined, false],
  ]
  for (const [tokenAud, header, fits] of cases) {
    const answer = await ask(
      'get_user',
      {},
      {
        claims: { ...claims, aud: tokenAud as string },
        headers: header === undefined ? {} : { 'x-jwt-aud': header },
      },
    )
    const title = `${JSON.stringify(tokenAud)} ${header}`
    if (fits) t.match(answer, { status: 200, body: { email: 'ann@example.com' } }, title)
    else t.same(answer, mismatch, title)
  }
  t.same(await ask('get_user', {}, { claims }), mismatch, 'no aud')
})

t.test('only a user has a user', async (t) => {
  await t.rejects(ask('get_user', {}, { claims: { role: 'anon' } }), { code: '42501' })
  for (const role of ['authenticated', 'service_role']) {
    t.same(
      await ask('get_user', {}, { claims: { role, aud: 'authenticated' } }),
      refusal(403, 'bad_jwt', 'invalid claim: missing sub claim'),
      role,
    )
  }
})
