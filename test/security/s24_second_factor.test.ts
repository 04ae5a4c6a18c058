// S-24: a session that lacks its user's second factor says so in its token, and may not change how
// the user signs in. (Enrolling and verifying factors is not built yet: their rows are made here.)

import t from 'tap'
import { claimsOf, openUsers, password, refusal } from '../support/users.ts'

const { ask, join, settings, signIn, sql, timePasses } = await openUsers(t)
const email = 'ann@example.com'
const lowAal = refusal(
  401,
  'insufficient_aal',
  'AAL2 session is required to update email or password when MFA is enabled.',
)
const { user } = await join(email)
await sql`
  insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at)
  values (gen_random_uuid(), ${user.id}, 'phone', 'totp', 'verified', now(), now())
`

t.test('a password alone is aal1, in the token and to policies', async (t) => {
  const session = await signIn(email)
  t.match(claimsOf(session), { aal: 'aal1', amr: [{ method: 'password' }] })
  const [seen] = await sql.begin(async (sql) => {
    await sql`select set_config('request.jwt.claims', ${JSON.stringify(claimsOf(session))}, true)`
    return sql`select auth.aal()`
  })
  t.same(seen, { aal: 'aal1' })
  const renewed = await ask('refresh', { refresh_token: session.refresh_token })
  t.match(claimsOf(renewed.body as never), { aal: 'aal1' }, 'and a refresh raises nothing')
})

t.test('it changes neither password nor address', async (t) => {
  const as = await signIn(email)
  for (const change of [{ password: 'another one' }, { email: 'other@example.com' }]) {
    t.match(await ask('update_user', change, { as }), {
      status: lowAal.status,
      body: { error_code: 'insufficient_aal' },
    })
  }
  t.match(await ask('signin', { email, password }), { status: 200 })
})

t.test('and where the settings say so it ends', async (t) => {
  await settings({ sessions_allow_low_aal: '10m' })
  const session = await signIn(email)
  await timePasses('11 minutes')
  t.match(await ask('refresh', { refresh_token: session.refresh_token }), { status: 400 })
  await settings({ sessions_allow_low_aal: null })
})
