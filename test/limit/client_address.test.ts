// Whose request it is: the peer's, or that of whom a trusted proxy names.

import t from 'tap'
import { createClientAddress } from '../../gateway/client_address.ts'
import { openClient, openGateway } from '../support/gateway.ts'
import { openUsers, password } from '../support/users.ts'

const config = {
  trustedProxies: ['10.0.0.0/8', '2001:db8:ff::/48'],
  clientHeader: 'X-Forwarded-For',
  sbForwardedFor: false,
}

t.test('the list is walked from the right, past all that are trusted', async (t) => {
  const client = createClientAddress(config)
  const cases: [string, string | null, string][] = [
    ['10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', 'made up, 198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', '203.0.113.1, 198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', '203.0.113.1, 198.51.100.7, 10.1.1.1,10.2.2.2', '198.51.100.7'],
    ['10.0.0.1', '10.9.9.9, 10.1.1.1', '10.9.9.9'],
    ['10.0.0.1', '203.0.113.1, unknown', '10.0.0.1'],
    ['10.0.0.1', '203.0.113.1, unknown, 10.1.1.1', '10.1.1.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', null, '10.0.0.1'],
    ['10.0.0.1', '198.51.100.7:1234', '198.51.100.7'],
    ['10.0.0.1', '[2001:db8::7]:1234', '2001:db8::7'],
    ['10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', "1'; drop table users; --", '10.0.0.1'],
    ['::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['2001:db8:ff::1', '2001:db8::7, 2001:db8:ff::2', '2001:db8::7'],
    ['fe80::1%eth0', '198.51.100.7', 'fe80::1'],
    ['192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['192.0.2.1', '10.0.0.1', '192.0.2.1'],
    ['', '198.51.100.7', ''],
  ]
  for (const [peer, forwarded, expected] of cases) {
    const headers = new Headers(forwarded === null ? {} : { 'x-forwarded-for': forwarded })
    t.equal(client(peer, headers), expected, `${peer} for ${forwarded}`)
  }
})

t.test('Sb-Forwarded-For counts first where it is on, from trusted proxies only', async (t) => {
  const headers = new Headers({
    'sb-forwarded-for': 'nonsense, 198.51.100.7, 203.0.113.1',
    'x-forwarded-for': '203.0.113.9',
  })
  const on = createClientAddress({ ...config, sbForwardedFor: true })
  t.equal(on('10.0.0.1', headers), '198.51.100.7')
  t.equal(on('10.0.0.1', new Headers({ 'sb-forwarded-for': 'x' })), '10.0.0.1')
  t.equal(on('192.0.2.1', headers), '192.0.2.1')
  t.equal(createClientAddress(config)('10.0.0.1', headers), '203.0.113.9')
})

t.test(
  'another header counts where the settings name it, and nobody without proxies',
  async (t) => {
    const headers = new Headers({ 'x-real-ip': '198.51.100.7', 'x-forwarded-for': '203.0.113.9' })
    t.equal(
      createClientAddress({ ...config, clientHeader: 'X-Real-IP' })('10.0.0.1', headers),
      '198.51.100.7',
    )
    t.equal(
      createClientAddress({ ...config, clientHeader: '' })('10.0.0.1', headers),
      '203.0.113.9',
    )
    t.equal(createClientAddress({ ...config, trustedProxies: [] })('10.0.0.1', headers), '10.0.0.1')
  },
)

const slow = { rate_limit_header: 'X-Forwarded-For', rate_limit_token_refresh: 1 }
const trusting = await openUsers(t, { ...slow, security_trusted_proxies: '127.0.0.0/8, ::1' })
const wary = await openUsers(t, { ...slow, security_trusted_proxies: '10.0.0.0/8' })

/** Of so many refreshes, from these addresses in turn, how many are refused by the limit. */
async function refused(url: string, addresses: string[]): Promise<number> {
  const replies = []
  for (let n = 0; n < 40; n++) {
    const client = openClient(url, addresses[n % addresses.length])
    replies.push(await client('/token?grant_type=refresh_token', { refresh_token: 'x' }))
  }
  return replies.filter((reply) => reply.status === 429).length
}

t.test('a session remembers the client, in the session and for hooks', async (t) => {
  for (const [users, expected] of [
    [trusting, '198.51.100.7'],
    [wary, '127.0.0.1'],
  ] as const) {
    await users.join('ann@example.com')
    await users.sql`delete from auth.sessions`
    const { url } = await openGateway(t, users)
    const client = openClient(url, '::ffff:198.51.100.7')
    const { status } = await client('/token?grant_type=password', {
      email: 'ann@example.com',
      password,
    })
    t.equal(status, 200)
    t.same(await users.sql`select host(ip) as ip from auth.sessions`, [{ ip: expected }])
  }
})

t.test('a header of nobody trusted is not believed', async (t) => {
  const { url } = await openGateway(t, wary)
  const addresses = Array.from({ length: 40 }, (_, n) => `198.51.100.${n}`)
  t.ok((await refused(url, addresses)) >= 10, 'all are one client')
  t.equal(await refused((await openGateway(t, trusting)).url, addresses), 0, 'all are their own')
})

t.test('one IPv6 network is one client', async (t) => {
  const { url } = await openGateway(t, trusting)
  t.equal(await refused(url, ['2001:db8:1:1::1', '2001:db8:1:1:ffff::2']), 10)
  t.equal(await refused(url, ['2001:db8:1:2::1', '2001:db8:1:3::1']), 0)
  t.equal(await refused(url, ['203.0.113.5', '::ffff:203.0.113.5']), 10)
  const keys = await trusting.sql`
    select client from auth_private.rate_limits where client like '2001:%' order by client
  `
  t.same(
    keys.map(({ client }) => client),
    ['2001:db8:1:1::/64', '2001:db8:1:2::/64', '2001:db8:1:3::/64'],
  )
})
