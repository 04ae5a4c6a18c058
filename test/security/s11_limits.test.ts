// S-11: how long an address waits between two mails, and how often a client may ask, is known to
// every gateway, outlives them, and is the same however the address is written or forwarded.

import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { openClient, openGateway } from '../support/gateway.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
const recover = async (api: string, email: string, headers: Record<string, string> = {}) => {
  const body = JSON.stringify({ email })
  const response = await fetch(`${api}/recover`, { method: 'POST', headers, body })
  return { status: response.status, code: (await response.json()).error_code }
}
const open = async () => {
  const log = pino({ level: 'silent' })
  return startGateway({ databaseUrl: stack.db.gatewayUrl, port: 0, log })
}
const told = { status: 429, code: 'over_email_send_rate_limit' }

t.test('a second gateway, and one that starts later, know of the wait', async (t) => {
  t.match(await recover(stack.api, 'ann@example.com'), { status: 200 })
  for (let n = 0; n < 2; n++) {
    const other = await open()
    t.match(await recover(other.url, 'ann@example.com'), told)
    await other.close()
  }
})

t.test('another spelling, sender or forwarder is no way round it', async (t) => {
  for (const email of ['Ann@example.com', 'ANN@EXAMPLE.COM', 'ann@Example.com']) {
    t.match(await recover(stack.api, email), told, email)
  }
  const forwarded: Record<string, string>[] = [
    { 'x-forwarded-for': '203.0.113.7' },
    { 'x-real-ip': '203.0.113.7' },
    { forwarded: 'for=203.0.113.7' },
    { 'sb-forwarded-for': '203.0.113.7' },
    { 'x-jwt-aud': 'elsewhere' },
  ]
  for (const headers of forwarded) {
    t.match(await recover(stack.api, 'ann@example.com', headers), told, JSON.stringify(headers))
  }
})

t.test('who floods an address keeps its owner from nothing but another mail', async (t) => {
  await stack.configure({ mailer_autoconfirm: true })
  const password = 'correct horse battery'
  await stack.sql`select auth.signup('ann@example.com', ${password})`
  for (let n = 0; n < 5; n++) await recover(stack.api, 'ann@example.com')
  const body = JSON.stringify({ email: 'ann@example.com', password })
  const response = await fetch(`${stack.api}/token?grant_type=password`, { method: 'POST', body })
  t.equal(response.status, 200)
})

t.test(
  'a client has one limit, whichever gateway it asks and by which address of its',
  async (t) => {
    // So slow that nothing comes back while the test runs: one in five minutes.
    await stack.configure({
      rate_limit_header: 'X-Forwarded-For',
      security_trusted_proxies: '127.0.0.0/8',
      rate_limit_token_refresh: 1,
    })
    const gateways = [await openGateway(t, stack.db), await openGateway(t, stack.db)]
    const refresh = async (n: number, from: string) => {
      const client = openClient(gateways[n % 2]?.url ?? '', from)
      return (await client('/token?grant_type=refresh_token', { refresh_token: 'x' })).status
    }
    for (const addresses of [
      ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:DB8:1:2:ffff:ffff:ffff:ffff'],
      ['198.51.100.7', '::ffff:198.51.100.7', '::FFFF:C633:6407'],
    ]) {
      for (let n = 0; n < 30; n++) t.equal(await refresh(n, addresses[n % 3] ?? ''), 400)
      for (const [n, address] of addresses.entries())
        t.equal(await refresh(n, address), 429, address)
    }
    t.equal(await refresh(0, '2001:db8:1:3::1'), 400, 'another network is another client')
    const forged = '203.0.113.9, 198.51.100.7'
    t.equal(
      await refresh(0, forged),
      429,
      'what a client says itself of where it comes from is nothing',
    )
  },
)
