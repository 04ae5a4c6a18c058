// Who is signed in, where, and the end of one of them: for oneself and for an admin.

import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { api, sql } = stack
const password = 'correct horse battery'

async function ask(method: string, path: string, token: string, body?: object) {
  const response = await fetch(api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'user-agent': "Ann's telephone" },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text && JSON.parse(text) }
}
const signUp = async (email: string) => (await ask('POST', '/signup', '', { email, password })).body
const signIn = async (email: string) =>
  (await ask('POST', '/token?grant_type=password', '', { email, password })).body

const email = 'ann@example.com'
const first = await signUp(email)
const second = await signIn(email)
const bob = await signUp('bob@example.com')
const unknown = { code: 404, error_code: 'session_not_found', msg: 'Session not found' }

t.test('shows a user her sessions, the newest first, and which one asks', async (t) => {
  const { status, body } = await ask('GET', '/user/sessions', first.access_token)
  t.equal(status, 200)
  t.match(body, [
    {
      current: false,
      aal: 'aal1',
      user_agent: "Ann's telephone",
      ip: '127.0.0.1',
      not_after: null,
    },
    {
      current: true,
      created_at: /^\d{4}-.*Z$/,
      last_used_at: /^\d{4}-.*Z$/,
      id: /^[0-9a-f-]{36}$/,
    },
  ])
  t.equal(body.length, 2)
})

t.test('shows none that is over', async (t) => {
  const third = await signIn(email)
  await sql`
    update auth.sessions set not_after = now() - interval '1 second'
    where id = ${claims(third.access_token).session_id}
  `
  t.equal((await ask('GET', '/user/sessions', first.access_token)).body.length, 2)
})

t.test('ends one of them and no other', async (t) => {
  const path = `/user/sessions/${claims(second.access_token).session_id}`
  t.same(await ask('DELETE', path, first.access_token), { status: 204, body: '' })
  t.match(await ask('GET', '/user', second.access_token), { status: 403 })
  t.match(await ask('GET', '/user', first.access_token), { status: 200 })
  t.match(await ask('DELETE', path, first.access_token), { status: 404, body: unknown }, 'once')
  const [written] = await sql`
    select payload ->> 'action' as action, payload -> 'traits' ->> 'session_id' as session_id
    from auth.audit_log_entries order by created_at desc limit 1
  `
  t.same(written, { action: 'logout', session_id: claims(second.access_token).session_id })
})

t.test('somebody else’s is answered as one that there never was', async (t) => {
  const path = `/user/sessions/${claims(bob.access_token).session_id}`
  t.match(await ask('DELETE', path, first.access_token), { status: 404, body: unknown })
  t.match(await ask('GET', '/user', bob.access_token), { status: 200 })
})

t.test('an admin sees and ends those of anybody', async (t) => {
  const path = `/admin/users/${bob.user.id}/sessions`
  const { body } = await ask('GET', path, stack.serviceKey)
  t.match(body, [{ id: claims(bob.access_token).session_id, current: false }])
  const wrong = `/admin/users/${first.user.id}/sessions/${body[0].id}`
  t.match(await ask('DELETE', wrong, stack.serviceKey), { status: 404, body: unknown })
  t.same(await ask('DELETE', `${path}/${body[0].id}`, stack.serviceKey), { status: 204, body: '' })
  t.match(await ask('GET', '/user', bob.access_token), { status: 403 })
  const nobody = '/admin/users/00000000-0000-4000-8000-000000000000/sessions'
  t.match(await ask('GET', nobody, stack.serviceKey), {
    status: 404,
    body: { error_code: 'user_not_found' },
  })
})

t.test('no admin, no look at others', async (t) => {
  const path = `/admin/users/${bob.user.id}/sessions`
  t.match(await ask('GET', path, first.access_token), { status: 403 })
  t.match(await ask('DELETE', `${path}/${bob.user.id}`, first.access_token), { status: 403 })
})

function claims(token: string): { session_id: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
