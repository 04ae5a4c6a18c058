// Signing in by the word of another site, from psql: how people seed users who have accounts there.

import t from 'tap'
import { openUsers } from '../support/users.ts'

const { ask, rows, sql } = await openUsers(t)

t.test('seeds somebody who then is a user like any other', async (t) => {
  const [row] = await sql`
    select auth.signin_external('google', '{
      "subject": "1101",
      "emails": [{"email": "Ann@Example.com", "verified": true, "primary": true}],
      "data": {"name": "Ann"}
    }') as session
  `
  t.match(await ask('get_user', {}, { as: row?.session }), {
    status: 200,
    body: {
      email: 'ann@example.com',
      email_confirmed_at: String,
      app_metadata: { provider: 'google', providers: ['google'] },
      user_metadata: { name: 'Ann', email_verified: true },
      identities: [{ id: '1101', provider: 'google', identity_data: { name: 'Ann' } }],
    },
  })
})

t.test('seeds many in one statement', async (t) => {
  await sql`
    select auth.signin_external('github', jsonb_build_object(
      'subject', 'person ' || n,
      'emails', jsonb_build_array(jsonb_build_object(
        'email', format('person%s@example.com', n), 'verified', true, 'primary', true))))
    from generate_series(1, 20) n
  `
  t.match(await rows(), { users: 21, identities: 21, mails: 0 })
})

t.test('what must be remembered is returned, and stays', async (t) => {
  const [row] = await sql`
    select auth.signin_external('spotify', '{
      "subject": "bob",
      "emails": [{"email": "bob@example.com", "verified": false, "primary": true}]
    }') as said
  `
  t.match(row?.said, { code: 422, error_code: 'provider_email_needs_verification' })
  t.match(await rows(), { users: 22, mails: 1 })
})

t.test('a profile of nobody, or without an address, is refused and leaves nothing', async (t) => {
  const before = await rows()
  for (const [profile, message] of [
    ['{}', 'Error getting user profile from external provider'],
    ['{"subject": ""}', 'Error getting user profile from external provider'],
    ['{"subject": "x"}', 'Error getting user email from external provider'],
  ] as const) {
    await t.rejects(sql`select auth.signin_external('google', ${profile}::text::jsonb)`, {
      code: 'PT500',
      message,
    })
  }
  t.same(await rows(), before)
  const [row] = await sql`
    select auth.signin_external('google', '{"subject": "x"}', email_optional => true) as session
  `
  t.match(row?.session.user, { identities: [{ id: 'x' }] }, 'but by those who say it will do')
})

t.test('is for the gateway and the owner, since it believes what it is told', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role']) {
    await t.rejects(
      sql.begin(async (sql) => {
        await sql.unsafe(`set local role ${role}`)
        await sql`select auth.signin_external('google', '{"subject": "1101"}')`
      }),
      { code: '42501' },
      role,
    )
  }
  await t.rejects(ask('signin_external', { provider: 'google', profile: { subject: '1101' } }), {
    code: '42501',
  })
})
