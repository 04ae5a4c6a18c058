// What users change of themselves.

import type { JSONValue } from 'postgres'
import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, join, rows, settings, sql } = await openUsers(t)
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
    [{ phone: '0123' }, 400, 'validation_failed', 'Invalid phone number format (E.164 required)'],
    [
      { email: 'new@example.com', code_challenge: 'x'.repeat(43) },
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

t.test('tells what is wrong in GoTrue’s order', async (t) => {
  await settings({ security_update_password_require_current_password: true })
  const bob = await join('bob@example.com')
  const id = bob.user.id as string
  await sql`update auth.users set is_anonymous = true, is_sso_user = true where id = ${id}`
  await sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (gen_random_uuid(), ${id}, 'totp', 'verified', now(), now())
  `
  await sql`update auth.mfa_amr_claims set authentication_method = 'password'`
  const args: Record<string, JSONValue> = { email: 'no', password: 'short', app_metadata: {} }
  const told: string[] = []
  const next = async () => {
    const { body } = await ask('update_user', args, { as: bob })
    told.push(`${body.error_code}: ${body.msg}`.split(' ').slice(0, 4).join(' '))
  }

  await next()
  args.email = ''
  await next()
  args.password = 'another password'
  await next()
  delete args.app_metadata
  await next()
  await sql`delete from auth.mfa_factors where user_id = ${id}`
  await next()
  args.email = 'taken@example.com'
  await next()
  await sql`update auth.users set is_anonymous = false, is_sso_user = false where id = ${id}`
  await next()
  args.email = 'free@example.com'
  await next()
  args.current_password = 'guess'
  await next()
  args.current_password = password
  args.password = password
  await next()
  args.password = 'another password'
  args.code_challenge = 'x'
  await next()
  t.same(told, [
    'validation_failed: Unable to validate',
    'weak_password: Password should be',
    'not_admin: Updating app_metadata requires',
    'insufficient_aal: AAL2 session is',
    'validation_failed: Updating password of',
    'user_sso_managed: Updating email, phone,',
    'email_exists: A user with',
    'current_password_required: Current password required',
    'current_password_invalid: Current password required',
    'same_password: New password should',
    'validation_failed: PKCE flow requires',
  ])
  delete args.code_challenge
  t.match(await ask('update_user', args, { as: bob }), { status: 200 })
  await settings({ security_update_password_require_current_password: false })
})

t.test('whoever signs in elsewhere has no password, address or nonce here', async (t) => {
  const cid = await join('cid@example.com')
  await sql`update auth.users set is_sso_user = true where id = ${cid.user.id as string}`
  const managed = refusal(
    422,
    'user_sso_managed',
    'Updating email, phone, password of a SSO account only possible via SSO',
  )
  for (const args of [{ password: 'other password' }, { email: 'd@example.com' }, { nonce: '1' }]) {
    t.same(await ask('update_user', args, { as: cid }), managed, JSON.stringify(args))
  }
  const own = { email: 'cid@example.com', data: { a: 1 } }
  t.match(await ask('update_user', own, { as: cid }), { status: 200 })
})

t.test('admins change their own app_metadata, in the settings’ audience only', async (t) => {
  await settings({ jwt_admin_group_name: 'service_role' })
  const dan = await join('dan@example.com')
  const id = dan.user.id as string
  await sql`
    update auth.users set role = 'service_role', raw_app_meta_data = raw_app_meta_data || '{"a": 1}'
    where id = ${id}
  `
  const app_metadata = { a: null, plan: 'pro' }
  const answer = await ask('update_user', { app_metadata }, { as: dan })
  t.same(answer.body.app_metadata, { provider: 'email', providers: ['email'], plan: 'pro' })
  await sql`update auth.users set aud = 'elsewhere' where id = ${id}`
  t.match(await ask('update_user', { app_metadata }, { as: dan }), { status: 403 })
  await settings({ jwt_admin_group_name: 'admin' })
})

t.test('a null that is there already stays', async (t) => {
  const eve = await join('eve@example.com')
  await sql`
    update auth.users set raw_user_meta_data = '{"a": null, "b": {"c": null}}'
    where id = ${eve.user.id as string}
  `
  const { body } = await ask('update_user', { data: { d: 1, b: null } }, { as: eve })
  t.same(body.user_metadata, { a: null, d: 1 })
})
