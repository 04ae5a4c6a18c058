// Any user by id.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
const admin = createAdmin(stack)
const ask = openAdmin(stack)

t.test('shows a user as the user is shown to itself', async (t) => {
  const [row] = await stack.sql`select auth.signup('ann@example.com', 'correct horse') as user`
  const { data, error } = await admin.getUserById(row?.user.id)
  t.equal(error, null)
  t.same(data.user, {
    ...row?.user,
    confirmation_sent_at: data.user?.confirmation_sent_at,
    updated_at: data.user?.updated_at,
  })
})

t.test('shows one that was made by an insert, with nothing but an id', async (t) => {
  const id = '6f2a1c9e-3b64-4f0a-9c0e-0d9b6a3e5f11'
  await stack.sql`insert into auth.users (id) values (${id})`
  t.same(await ask('GET', `/admin/users/${id}`), {
    status: 200,
    body: {
      id,
      aud: '',
      role: '',
      email: '',
      phone: '',
      is_anonymous: false,
      app_metadata: {},
      user_metadata: {},
      identities: [],
    },
  })
})

t.test('refuses what is no id, and an id of nobody', async (t) => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const body = method === 'PUT' ? {} : undefined
    t.same(
      await ask(method, '/admin/users/ann', body),
      refusal(404, 'validation_failed', 'user_id must be an UUID'),
      method,
    )
    t.same(
      await ask(method, '/admin/users/00000000-0000-0000-0000-000000000000', body),
      refusal(404, 'user_not_found', 'User not found'),
      method,
    )
  }
})

t.test('the id is that of the path, whatever the body says', async (t) => {
  const [row] = await stack.sql`select id from auth.users where email = 'ann@example.com'`
  const other = '6f2a1c9e-3b64-4f0a-9c0e-0d9b6a3e5f11'
  const answer = await ask('PUT', `/admin/users/${row?.id}`, { user_id: other, role: 'anon' })
  t.match(answer, { status: 200, body: { id: row?.id, role: 'anon' } })
})

t.test('metrics name the route, and not the user', async (t) => {
  const [row] = await stack.sql`select id from auth.users where email = 'ann@example.com'`
  const text = await (await fetch(`${stack.api}/metrics`)).text()
  t.match(text, /route="\/admin\/users\/:user_id",status="200"/)
  t.notMatch(text, row?.id)
})
