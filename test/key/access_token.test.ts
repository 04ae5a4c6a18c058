// Access tokens, as others verify and read them.

import { createSecretKey } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { Row } from 'postgres'
import t from 'tap'
import { openUsers, password, type Session } from '../support/users.ts'

const { ask, join, settings, signIn, sql } = await openUsers(t)
const email = 'ann@example.com'
const joined = await join(email, { data: { name: 'Ann ü 🙂' } })

async function verify(token: string) {
  const [key] = await sql`select kid, secret from auth_private.signing_keys where status = 'in_use'`
  const { payload, protectedHeader } = await jwtVerify(
    token,
    createSecretKey(key?.secret, 'utf8'),
    { algorithms: ['HS256'] },
  )
  return { payload: payload as Row, header: protectedHeader, kid: key?.kid }
}

t.test('a token verifies with jose and says exactly what GoTrue’s says', async (t) => {
  const session = await signIn(email)
  const { payload, header, kid } = await verify(session.access_token)
  const [row] = await sql`
    select s.id, extract(epoch from s.created_at)::integer as created
    from auth.sessions s order by s.created_at desc limit 1
  `
  t.same(header, { alg: 'HS256', typ: 'JWT', kid })
  t.same(payload, {
    sub: session.user.id,
    aud: 'authenticated',
    exp: session.expires_at,
    iat: session.expires_at - session.expires_in,
    email,
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: {
      sub: session.user.id,
      email,
      email_verified: true,
      phone_verified: false,
      name: 'Ann ü 🙂',
    },
    role: 'authenticated',
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: row?.created }],
    session_id: row?.id,
    is_anonymous: false,
  })
})

t.test('lives as long as the settings say, and names the issuer if they do', async (t) => {
  await settings({ jwt_exp: 90, jwt_issuer: 'https://api.example.com/auth/v1' })
  const session = await signIn(email)
  const { payload } = await verify(session.access_token)
  t.match(
    [session.expires_in, payload.exp - payload.iat, payload.iss],
    [90, 90, 'https://api.example.com/auth/v1'],
  )
  t.ok(Math.abs(payload.iat - Date.now() / 1000) < 60)
  await settings({ jwt_exp: 3600, jwt_issuer: '' })
})

t.test('lists the methods of the session, the newest first', async (t) => {
  await sql`
    insert into auth.mfa_amr_claims
      (id, session_id, authentication_method, created_at, updated_at)
    select gen_random_uuid(), s.id, 'totp', now(), now() + interval '10 seconds'
    from auth.sessions s
  `
  const { refresh_token } = joined
  const { body } = await ask('refresh', { refresh_token })
  const { payload } = await verify((body as Session).access_token)
  t.match(payload.amr, [{ method: 'totp' }, { method: 'otp' }])
})

t.test('a user with little in the row has all claims nevertheless', async (t) => {
  await sql`
    update auth.users
    set raw_app_meta_data = null, raw_user_meta_data = null, phone = null
    where email = ${email}
  `
  const { payload } = await verify((await signIn(email)).access_token)
  t.match(payload, { app_metadata: {}, user_metadata: {}, phone: '', is_anonymous: false })
})

t.test('metadata can not pass for a claim', async (t) => {
  const data = { role: 'service_role', sub: 'x', aal: 'aal2', exp: 9999999999 }
  await ask('signup', { email: 'eve@example.com', password, data })
  await sql`update auth.users set email_confirmed_at = now()`
  const session = await signIn('eve@example.com')
  t.match((await verify(session.access_token)).payload, {
    role: 'authenticated',
    sub: session.user.id,
    aal: 'aal1',
    exp: session.expires_at,
    user_metadata: { role: 'service_role' },
  })
})
