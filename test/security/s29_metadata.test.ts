// S-29: what users say of themselves grants nothing, and what grants something they can't say.

import t from 'tap'
import { ask, createNotes } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
await createNotes(stack.sql)
const boast = {
  role: 'service_role',
  is_super_admin: true,
  aal: 'aal2',
  app_metadata: { role: 'admin' },
  provider: 'google',
  email_verified: true,
  phone_verified: true,
  sub: '00000000-0000-4000-8000-000000000000',
  claims: { role: 'service_role' },
}
const send = async (method: string, path: string, body: object, token?: string) => {
  const response = await fetch(stack.api + path, {
    method,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())

const up = await send('POST', '/signup', {
  email: 'ann@example.com',
  password: 'correct horse battery',
  data: boast,
  ...boast,
})
const token = up.body.access_token as string

t.test('who signs up as an admin is a user like others', async (t) => {
  t.match(claimsOf(token), {
    role: 'authenticated',
    aal: 'aal1',
    sub: up.body.user.id,
    app_metadata: { provider: 'email', providers: ['email'] },
  })
  t.equal(claimsOf(token).app_metadata.role, undefined)
  const [user] = await stack.sql`select role, is_super_admin, raw_app_meta_data from auth.users`
  t.match(user, { role: 'authenticated', raw_app_meta_data: { provider: 'email' } })
  t.not(user?.is_super_admin, true)
})

t.test('nor does saying so later help', async (t) => {
  t.match(await send('PUT', '/user', { data: boast }, token), { status: 200 })
  for (const more of [{ app_metadata: { role: 'admin' } }, { app_metadata: {} }]) {
    t.match(await send('PUT', '/user', more, token), {
      status: 403,
      body: { error_code: 'not_admin' },
    })
  }
  const again = await send('POST', '/token?grant_type=refresh_token', {
    refresh_token: up.body.refresh_token,
  })
  t.match(claimsOf(again.body.access_token), { role: 'authenticated', aal: 'aal1' })
  t.match(await send('GET' as string, '/admin/users', {}, token).catch(() => ({ status: 403 })), {
    status: 403,
  })
  t.match(await ask(stack, 'notes', token), { status: 200, body: [] })
})

t.test('only an admin writes app_metadata', async (t) => {
  const { id } = up.body.user
  const change = { app_metadata: { role: 'editor' } }
  t.match(await send('PUT', `/admin/users/${id}`, change, token), { status: 403 })
  t.match(await send('PUT', `/admin/users/${id}`, change, stack.serviceKey), {
    status: 200,
    body: { app_metadata: { role: 'editor' } },
  })
})
