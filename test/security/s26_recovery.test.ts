// S-26: a mailed link is one factor. Who has a second one needs it to set a new password.

import t from 'tap'
import { claimsOf, openUsers, password, type Session } from '../support/users.ts'

const { ask, join, mailTo, sql } = await openUsers(t)
const email = 'ann@example.com'
const { user } = await join(email)
await sql`
  insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at)
  values (gen_random_uuid(), ${user.id}, 'phone', 'totp', 'verified', now(), now())
`

t.test('recovering does not go round the second factor', async (t) => {
  await ask('recover', { email })
  const { TokenHash } = await mailTo(email)
  const { body } = await ask('verify', { type: 'recovery', token_hash: TokenHash })
  const recovered = body as Session
  t.match(claimsOf(recovered), { aal: 'aal1', amr: [{ method: 'otp' }] })
  t.match(await ask('update_user', { password: 'a new one' }, { as: recovered }), {
    status: 401,
    body: { error_code: 'insufficient_aal' },
  })
  t.match(await ask('signin', { email, password }), { status: 200 }, 'the old one is still good')
})
