// S-15: what ends access ends it at once, in the API and in the application's own tables.

import t from 'tap'
import { ask, createNotes, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { api, sql } = stack
await createNotes(sql)
await sql`create role editor_${sql.unsafe(String(process.pid))}`
const editor = `editor_${process.pid}`
await sql.unsafe(`grant authenticated to ${editor}; grant ${editor} to authenticator`)
t.teardown(() => sql.unsafe(`drop role ${editor}`))
const password = 'correct horse battery'

const admin = async (method: string, path: string, body: object = {}) => {
  const response = await fetch(`${api}/admin/users/${path}`, {
    method,
    headers: { authorization: `Bearer ${stack.serviceKey}` },
    body: JSON.stringify(body),
  })
  return response.status
}
const as = (token: string, path: string, init: RequestInit = {}) =>
  fetch(api + path, { ...init, headers: { authorization: `Bearer ${token}` } })

type Person = { id: string; token: string; email: string }
const ways: [string, (person: Person) => Promise<unknown>][] = [
  ['signing out', ({ token }) => as(token, '/logout', { method: 'POST' })],
  ['a ban', ({ id }) => admin('PUT', id, { ban_duration: '1h' })],
  ['being deleted', ({ id }) => admin('DELETE', id)],
  ['being deleted softly', ({ id }) => admin('DELETE', id, { should_soft_delete: true })],
  ['a password that an admin sets', ({ id }) => admin('PUT', id, { password: 'another one' })],
  [
    'a password that is set elsewhere',
    async ({ email }) => {
      const [row] = await sql`select auth.signin(${email}, ${password}) ->> 'access_token' as token`
      const body = JSON.stringify({ password: 'another one' })
      return as(row?.token, '/user', { method: 'PUT', body })
    },
  ],
  [
    'being ended among the sessions, from elsewhere',
    async ({ id, email }) => {
      const [old] = await sql`select s.id from auth.sessions s where s.user_id = ${id}`
      const [row] = await sql`select auth.signin(${email}, ${password}) ->> 'access_token' as token`
      return as(row?.token, `/user/sessions/${old?.id}`, { method: 'DELETE' })
    },
  ],
  [
    'being ended by an admin',
    async ({ id }) => {
      const [old] = await sql`select s.id from auth.sessions s where s.user_id = ${id}`
      return admin('DELETE', `${id}/sessions/${old?.id}`)
    },
  ],
  [
    'signing out elsewhere',
    async ({ email }) => {
      const [row] = await sql`select auth.signin(${email}, ${password}) ->> 'access_token' as token`
      return as(row?.token, '/logout?scope=others', { method: 'POST' })
    },
  ],
]
for (const [n, [way, end]] of ways.entries()) {
  t.test(`${way} ends the access token at once`, async (t) => {
    const email = `person${n}@example.com`
    const person = { email, ...(await signUp(sql, email)) }
    t.equal((await as(person.token, '/user')).status, 200)
    t.match(await ask(stack, 'notes', person.token), { status: 200, body: [] })

    await end(person)
    t.equal((await as(person.token, '/user')).status, 403)
    t.match(await ask(stack, 'notes', person.token), { status: 403 })
    const refreshed = await sql`select from auth.sessions where user_id = ${person.id}`
    t.ok(refreshed.length <= 1)
  })
}

t.test('a role that is taken away is gone at once', async (t) => {
  const { id, token } = await signUp(sql, 'editor@example.com')
  await sql.unsafe(`
    create function auth.whoami() returns jsonb language sql as 'select to_jsonb(current_user::text)';
    grant execute on function auth.whoami to public;
  `)
  const gateway = stack.db.connect(stack.db.gatewayUrl)
  const claims = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
  const role = async () => {
    const [row] = await gateway`
      select body::jsonb as role from auth_private.call('whoami', '{}', ${gateway.json(claims)}, '{}')
    `
    return row?.role
  }
  t.equal(await role(), 'authenticated')
  await admin('PUT', id, { role: editor })
  t.equal(await role(), editor)
  await admin('PUT', id, { role: 'authenticated' })
  t.equal(await role(), 'authenticated')
})
