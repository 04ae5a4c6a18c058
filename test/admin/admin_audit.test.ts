// The audit log, as an admin reads it.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
const admin = createAdmin(stack)
const ask = openAdmin(stack)

/** Status, headers, and who did what. */
async function read(query: string) {
  const response = await fetch(`${stack.api}/admin/audit${query}`, {
    headers: { authorization: `Bearer ${stack.serviceKey}` },
  })
  const entries = (await response.json()) as { payload: Record<string, string> }[]
  return {
    status: response.status,
    total: response.headers.get('x-total-count'),
    link: response.headers.get('link'),
    entries: entries.map(({ payload }) => `${payload.action} by ${payload.actor_username}`),
  }
}

t.test('is an empty list where nothing has happened', async (t) => {
  t.same(await ask('GET', '/admin/audit'), { status: 200, body: [] })
})

t.test('shows entries whole, the newest first', async (t) => {
  const made = await admin.createUser({ email: 'ann@example.com', email_confirm: true })
  const id = made.data.user?.id as string
  await stack.sql`
    select auth.recover('ann@example.com')
  `
  await stack.sql`
    update auth.users set raw_user_meta_data = '{"full_name": "Ann Lee"}' where id = ${id}
  `
  await admin.deleteUser(id)
  const { status, body } = await ask('GET', '/admin/audit')
  const [deleted, ...older] = body as Record<string, unknown>[]
  t.equal(status, 200)
  t.same(deleted, {
    id: deleted?.id,
    payload: {
      actor_id: '00000000-0000-0000-0000-000000000000',
      actor_via_sso: false,
      actor_username: 'service_role',
      action: 'user_deleted',
      log_type: 'team',
      traits: { user_id: id, user_email: 'ann@example.com', user_phone: '' },
    },
    created_at: deleted?.created_at,
    ip_address: '',
  })
  t.match(deleted, { id: /^[0-9a-f-]{36}$/, created_at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ })
  t.match(older, [
    { payload: { action: 'user_recovery_requested', actor_username: 'ann@example.com' } },
    { payload: { action: 'user_signedup', actor_username: 'service_role' } },
  ])
})

t.test('goes page by page', async (t) => {
  t.same(await read('?page=1&per_page=2'), {
    status: 200,
    total: '3',
    link:
      '</admin/audit?page=2&per_page=2>; rel="next", ' +
      '</admin/audit?page=2&per_page=2>; rel="last"',
    entries: ['user_deleted by service_role', 'user_recovery_requested by ann@example.com'],
  })
  t.same((await read('?page=2&per_page=2')).entries, ['user_signedup by service_role'])
})

t.test('is searched by author, action and type', async (t) => {
  const cases: [string, string[]][] = [
    ['author:ANN@', ['user_recovery_requested by ann@example.com']],
    ['action:deleted', ['user_deleted by service_role']],
    ['type:user', ['user_recovery_requested by ann@example.com']],
    ['type:nothing', []],
  ]
  for (const [query, entries] of cases) {
    const found = await read(`?query=${query}`)
    t.same([found.total, found.entries], [String(entries.length), entries], query)
  }
})

t.test('refuses', async (t) => {
  for (const query of ['who:ann', 'ann', ':ann']) {
    t.same(
      await ask('GET', `/admin/audit?query=${query}`),
      refusal(400, 'validation_failed', `Invalid query scope: ${query}`),
    )
  }
  t.same(
    await ask('GET', '/admin/audit?per_page=0'),
    refusal(400, 'validation_failed', 'Bad Pagination Parameters: per_page must be greater than 0'),
  )
})
