// Limits per client: over HTTP, by two gateways on one database.

import t from 'tap'
import { routes } from '../../gateway/routes.ts'
import { type Client, openClient, openGateway } from '../support/gateway.ts'
import { openUsers, password } from '../support/users.ts'

const limited = { rate_limit_header: 'X-Forwarded-For', security_trusted_proxies: '127.0.0.0/8' }
// So slow that nothing comes back while a test runs: one in five minutes.
const slow = { rate_limit_otp: 1, rate_limit_token_refresh: 1, rate_limit_verify: 1 }
const users = await openUsers(t, { ...limited, ...slow, external_anonymous_users_enabled: true })
const first = await openGateway(t, users)
const second = await openGateway(t, users)

const wrong = (client: Client) =>
  client('/token?grant_type=password', { email: 'ann@example.com', password: 'wrong' })
const refresh = (client: Client) =>
  client('/token?grant_type=refresh_token', { refresh_token: 'x' })
const statuses = (replies: { status: number }[]) => {
  const counted: Record<number, number> = {}
  for (const { status } of replies) counted[status] = (counted[status] ?? 0) + 1
  return counted
}
let clients = 0
/** Addresses of someone who has not asked before, at both gateways. */
const stranger = () => {
  const address = `192.0.2.${++clients}`
  return [openClient(first.url, address), openClient(second.url, address)] as const
}

t.test('the 31st request at once is refused, and told when to come back', async (t) => {
  const [client] = stranger()
  for (let n = 1; n <= 30; n++) t.equal((await refresh(client)).status, 400)
  const { headers, ...refused } = await refresh(client)
  t.same(refused, {
    status: 429,
    body: { code: 429, error_code: 'over_request_rate_limit', msg: 'Request rate limit reached' },
  })
  const { 'retry-after': seconds, ...others } = headers
  t.match(seconds, /^(300|2\d\d)$/)
  t.same(others, {
    'content-type': 'application/json',
    'x-sb-error-code': 'over_request_rate_limit',
  })
  const newer = { headers: { 'x-supabase-api-version': '2024-01-01' } }
  const { body } = await client('/token?grant_type=refresh_token', { refresh_token: 'x' }, newer)
  t.same(body, { code: 'over_request_rate_limit', message: 'Request rate limit reached' })
})

t.test('of 50 parallel requests at two gateways exactly 30 pass', async (t) => {
  const [here, there] = stranger()
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, n) => refresh(n % 2 === 0 ? here : there)),
  )
  t.same(statuses(replies), { 400: 30, 429: 20 })
})

t.test('a wrong password is counted although it is refused', async (t) => {
  const [here, there] = stranger()
  const replies = await Promise.all(
    Array.from({ length: 34 }, (_, n) => (n < 32 ? refresh : wrong)(n % 2 === 0 ? here : there)),
  )
  t.same(statuses(replies), { 400: 30, 429: 4 })
  await users.timePasses('5 minutes')
  t.equal((await wrong(here)).status, 400)
  t.equal((await wrong(here)).status, 429, 'which used up what five minutes had given')
})

t.test('limits survive a restart', async (t) => {
  const [client] = stranger()
  for (let n = 1; n <= 30; n++) await refresh(client)
  const restarted = await openGateway(t, users)
  t.equal((await refresh(openClient(restarted.url, `192.0.2.${clients}`))).status, 429)
  await restarted.close()
})

t.test('a bucket gets back one after another, and no more than it holds', async (t) => {
  const [client] = stranger()
  for (let n = 1; n <= 30; n++) await refresh(client)
  await users.timePasses('16 minutes')
  const replies = []
  for (let n = 1; n <= 4; n++) replies.push(await refresh(client))
  t.same(statuses(replies), { 400: 3, 429: 1 })

  await users.timePasses('1 day')
  const again = []
  for (let n = 1; n <= 31; n++) again.push(await refresh(client))
  t.same(statuses(again), { 400: 30, 429: 1 })
})

t.test('each bucket is one of its own, and an address knows nothing of another', async (t) => {
  const session = await users.join('ben@example.com')
  const token = session.access_token
  const ways: Record<string, (client: Client) => ReturnType<Client>> = {
    '/signup': (client) => client('/signup', { email: 'no address' }),
    '/signup, anonymous': (client) => client('/signup', {}),
    '/otp': (client) => client('/otp', {}),
    '/magiclink': (client) => client('/magiclink', {}),
    '/recover': (client) => client('/recover', {}),
    '/resend': (client) => client('/resend', {}),
    'PUT /user': (client) => client('/user', { password: 'x' }, { method: 'PUT', token }),
    '/token': refresh,
    '/verify': (client) => client('/verify', {}),
  }
  const [client] = stranger()
  for (const [name, way] of Object.entries(ways)) {
    const replies = []
    for (let n = 1; n <= 31; n++) replies.push(await way(client))
    t.equal(replies[29]?.status === 429, false, `${name}: the 30th passes`)
    t.equal(replies[30]?.status, 429, `${name}: the 31st does not`)
  }
  t.equal((await client('/verify?type=signup&token=x')).status, 429, 'GET /verify shares it')
  t.equal((await client('/verify/confirm?type=signup&token=x', '')).status, 429)
  t.equal((await wrong(client)).status, 429, 'all of /token share one')
  const { headers, ...byIdToken } = await client('/token?grant_type=id_token', {})
  t.same(byIdToken, {
    status: 429,
    body: { code: 429, error_code: 'over_request_rate_limit', msg: 'Request rate limit reached' },
  })
  t.match(headers['retry-after'], /^(300|2\d\d)$/)

  const [other] = stranger()
  for (const way of Object.values(ways)) t.not((await way(other)).status, 429)
})

t.test('these are not limited', async (t) => {
  const { access_token: token } = await users.signIn('ben@example.com')
  const [client] = stranger()
  const free = ['/health', '/settings', '/user', '/admin/users']
  for (const path of free) {
    const replies = []
    for (let n = 1; n <= 40; n++) replies.push(await client(path, undefined, { token }))
    t.equal(statuses(replies)[429], undefined, path)
  }
  t.same(
    routes
      .filter((route) => route.bucket === undefined)
      .map((route) => `${route.method} ${route.path}`)
      .filter((route) => !/\/(admin|health|settings|invite|logout|reauthenticate)/.test(route)),
    [
      'GET /.well-known/jwks.json',
      'GET /authorize',
      'GET /callback',
      'POST /callback',
      'GET /user',
      'GET /user/identities/authorize',
      'DELETE /user/identities/:identity_id',
      'GET /user/sessions',
      'DELETE /user/sessions/:session_id',
    ],
  )
})

t.test('a limit that is 0 lets nobody pass, and one below 1 a few', async (t) => {
  t.teardown(() => users.settings({ ...slow, rate_limit_anonymous_users: 30 }))
  await users.settings({ rate_limit_otp: 0, rate_limit_anonymous_users: '0.5' })
  const [client] = stranger()
  const refused = await client('/otp', {})
  t.match(refused, { status: 429, headers: { 'retry-after': '300' } })
  const replies = [await client('/signup', {}), await client('/signup', {})]
  t.same(
    replies.map((reply) => [reply.status, reply.headers['retry-after']]),
    [
      [200, undefined],
      [429, '7200'],
    ],
  )
})

t.test('anonymous sign-ins that are off are refused as such, and not counted', async (t) => {
  t.teardown(() => users.settings({ external_anonymous_users_enabled: true }))
  await users.settings({ external_anonymous_users_enabled: false })
  const [client] = stranger()
  for (let n = 1; n <= 31; n++) await client('/signup', {})
  t.match(await client('/signup', {}), { body: { error_code: 'anonymous_provider_disabled' } })
})

t.test('a token that is not believed is refused before it is counted', async (t) => {
  const [client] = stranger()
  for (let n = 1; n <= 31; n++) await client('/user', {}, { method: 'PUT' })
  const { access_token: token } = await users.signIn('ben@example.com')
  await users.sql`delete from auth.sessions`
  for (let n = 1; n <= 31; n++) await client('/user', {}, { method: 'PUT', token })
  t.match(await client('/user', {}, { method: 'PUT', token }), {
    status: 403,
    body: { error_code: 'session_not_found' },
  })
})

t.test('the rates are GoTrue’s, and every bucket that a route names has one', async (t) => {
  t.teardown(() => users.settings(slow))
  await users.settings({ rate_limit_otp: 30, rate_limit_token_refresh: 150, rate_limit_verify: 30 })
  const named = [...new Set(routes.flatMap((route) => route.bucket ?? [])), 'anonymous']
  const limits = await users.sql`
    select bucket, burst, extract(epoch from pace)::float8 as pace
    from unnest(${named}::text[]) bucket, auth_private.request_limit(bucket)
    order by bucket
  `
  t.same(
    limits.map(({ bucket, burst, pace }) => [bucket, burst, pace]),
    [
      ['anonymous', 30, 120],
      ['magiclink', 30, 10],
      ['otp', 30, 10],
      ['recover', 30, 10],
      ['resend', 30, 10],
      ['signup', 30, 10],
      ['token', 30, 2],
      ['user', 30, 10],
      ['verify', 30, 10],
    ],
  )
})

t.test(
  'buckets that are full again are removed, a few with each that comes into use',
  async (t) => {
    await users.sql`
    insert into auth_private.rate_limits (bucket, client, full_at)
    select 'token', '203.0.113.' || n, now() - n * interval '1 minute'
    from generate_series(1, 25) n
  `
    const left = async () => {
      const [counted] = await users.sql`
      select count(*)::integer as left from auth_private.rate_limits where client like '203.0.113.%'
    `
      return counted?.left
    }
    const [busy] = stranger()
    await refresh(busy)
    t.equal(await left(), 15)
    await refresh(busy)
    t.equal(await left(), 15, 'not with every request')
    for (let n = 1; n <= 2; n++) await refresh(stranger()[0])
    t.equal(await left(), 0)
  },
)

t.test('without a header to go by nobody is limited, and nothing is written', async (t) => {
  t.teardown(() => users.settings(limited))
  await users.sql`delete from auth_private.rate_limits`
  await users.settings({ rate_limit_header: '' })
  const [client] = stranger()
  const replies = await Promise.all(Array.from({ length: 40 }, () => refresh(client)))
  t.same(statuses(replies), { 400: 40 })
  t.same(await users.sql`select * from auth_private.rate_limits`, [])
  t.equal((await users.signUp('eve@example.com', { password })).email, 'eve@example.com')
})
