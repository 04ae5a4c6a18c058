// The list of users, page by page.

import t from 'tap'
import { createAdmin, openAdmin, refusal } from '../support/admin.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
const admin = createAdmin(stack)
const ask = openAdmin(stack)

/** Status, the two headers and the addresses of a page. */
async function list(query: string) {
  const response = await fetch(`${stack.api}/admin/users${query}`, {
    headers: { authorization: `Bearer ${stack.serviceKey}` },
  })
  const { users, aud } = (await response.json()) as { users: { email: string }[]; aud: string }
  return {
    status: response.status,
    total: response.headers.get('x-total-count'),
    link: response.headers.get('link'),
    aud,
    emails: users.map(({ email }) => email),
  }
}

t.test('is empty without users', async (t) => {
  t.same(await list(''), {
    status: 200,
    total: '0',
    link: '</admin/users?page=0>; rel="last"',
    aud: 'authenticated',
    emails: [],
  })
})

t.test('shows the newest first, and says what comes next', async (t) => {
  await stack.sql`
    insert into auth.users (id, instance_id, aud, email, raw_user_meta_data, created_at)
    select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'authenticated',
      format('user%s@example.com', n), jsonb_build_object('full_name', format('User Number %s', n)),
      '2026-01-01'::timestamptz + n * interval '1 minute'
    from generate_series(1, 5) n
  `
  t.same(await list('?page=1&per_page=2'), {
    status: 200,
    total: '5',
    link:
      '</admin/users?page=2&per_page=2>; rel="next", ' +
      '</admin/users?page=3&per_page=2>; rel="last"',
    aud: 'authenticated',
    emails: ['user5@example.com', 'user4@example.com'],
  })
  t.same(await list('?per_page=2&page=3'), {
    status: 200,
    total: '5',
    link: '</admin/users?page=3&per_page=2>; rel="last"',
    aud: 'authenticated',
    emails: ['user1@example.com'],
  })
  t.match(await list('?page=9'), { total: '5', emails: [] })
})

t.test('the official client reads it', async (t) => {
  const { data, error } = await admin.listUsers({ page: 2, perPage: 2 })
  t.equal(error, null)
  t.match(data, { aud: 'authenticated', total: 5, nextPage: 3, lastPage: 3 })
  t.same(
    data.users.map(({ email }) => email),
    ['user3@example.com', 'user2@example.com'],
  )
  t.equal((await admin.listUsers()).data.users.length, 5)
})

t.test('a listed user has all but identities and factors', async (t) => {
  const [row] = await stack.sql`select auth.signup('ann@example.com', 'correct horse') as user`
  await stack.sql`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (gen_random_uuid(), ${row?.user.id}, 'totp', 'verified', now(), now())
  `
  const shown = await admin.getUserById(row?.user.id)
  const { factors, ...rest } = shown.data.user as { factors?: unknown[] }
  t.equal(factors?.length, 1)
  const { body } = await ask('GET', '/admin/users?per_page=1')
  t.same(body, { aud: 'authenticated', users: [{ ...rest, identities: null }] })
  await admin.deleteUser(row?.user.id)
})

t.test('is sorted the other way, and filtered by address or name', async (t) => {
  const sorted = await list('?sort=created_at+asc&per_page=2')
  t.same(sorted.emails, ['user1@example.com', 'user2@example.com'])
  t.equal(
    sorted.link,
    '</admin/users?page=2&per_page=2&sort=created_at+asc>; rel="next", ' +
      '</admin/users?page=3&per_page=2&sort=created_at+asc>; rel="last"',
  )
  t.match(await list('?filter=user3'), { total: '1', emails: ['user3@example.com'] })
  t.match(await list('?filter=nUMBER+4'), { total: '1', emails: ['user4@example.com'] })
  t.match(await list('?filter=USER3'), { total: '0', emails: [] })
})

t.test('shows the audience that is asked for', async (t) => {
  await stack.sql`update auth.users set aud = 'staff' where email = 'user5@example.com'`
  t.match(await list(''), { total: '4' })
  const response = await fetch(`${stack.api}/admin/users`, {
    headers: { authorization: `Bearer ${stack.serviceKey}`, 'x-jwt-aud': 'staff' },
  })
  t.match(await response.json(), { aud: 'staff', users: [{ email: 'user5@example.com' }] })
})

t.test('rows made by an insert, with every other column null, are no obstacle', async (t) => {
  await stack.sql`
    insert into auth.users (id, aud) values (gen_random_uuid(), 'authenticated')
  `
  t.match(await list(''), { status: 200, total: '5' })
})

t.test('refuses', async (t) => {
  const cases: [string, string][] = [
    ['page=x', 'Bad Pagination Parameters: strconv.ParseUint: parsing "x": invalid syntax'],
    ['per_page=-1', 'Bad Pagination Parameters: strconv.ParseUint: parsing "-1": invalid syntax'],
    ['per_page=0', 'Bad Pagination Parameters: per_page must be greater than 0'],
    ['sort=email', "Bad Sort Parameters: bad field for sort 'email'"],
    [
      'sort=created_at+up',
      "Bad Sort Parameters: bad direction for sort 'up', only 'asc' and 'desc' allowed",
    ],
  ]
  for (const [query, message] of cases) {
    t.same(
      await ask('GET', `/admin/users?${query}`),
      refusal(400, 'validation_failed', message),
      query,
    )
  }
})

t.test('a page is read from an index, not from all users', async (t) => {
  await stack.sql`
    insert into auth.users (id, instance_id, aud, created_at)
    select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'authenticated',
      now() - n * interval '1 minute'
    from generate_series(1, 20000) n
  `
  await stack.sql`analyze auth.users`
  for (const order of ['u.created_at desc, u.id desc', 'u.created_at, u.id']) {
    const plan = await stack.sql.unsafe(`
      explain select u from auth_private.listed_users('authenticated', null) u
      order by ${order} limit 50
    `)
    t.match(plan.map((line) => line['QUERY PLAN']).join('\n'), /idx_users_created_at_desc/)
  }
})
