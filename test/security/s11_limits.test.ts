// S-11: how long an address waits between two mails is known to every gateway, outlives them, and
// is the same however the address is written or forwarded. (Limits per client are not built yet.)

import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
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
