// What every answer tells browsers, and that pages still work under it.

import * as fs from 'node:fs'
import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { pagePolicy } from '../../gateway/headers.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const careful = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}
const dead = "default-src 'none'; frame-ancestors 'none'"
const headersOf = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${stack.api}${path}`, { redirect: 'manual', ...init })
  return { status: response.status, headers: Object.fromEntries(response.headers) }
}
const post = (body: object): RequestInit => ({ method: 'POST', body: JSON.stringify(body) })

t.test('every answer is careful, be it a token, a refusal, a redirect or nothing', async (t) => {
  const ann = { email: 'ann@example.com', password: 'correct horse battery' }
  const cases: [number, string, RequestInit?][] = [
    [200, '/signup', post(ann)],
    [200, '/auth/v1/token?grant_type=password', post(ann)],
    [400, '/token?grant_type=password', post({ ...ann, password: 'wrong' })],
    [400, '/token?grant_type=password', { method: 'POST', body: '{' }],
    [401, '/user'],
    [303, '/verify?type=signup&token=none'],
    [405, '/verify', { method: 'HEAD' }],
    [404, '/nowhere'],
    [404, '/'],
    [200, '/health'],
    [200, '/metrics'],
    [413, '/signup', { method: 'POST', body: 'x'.repeat(2 ** 20 + 1) }],
  ]
  for (const [status, path, init] of cases) {
    const expected = { ...careful, 'content-security-policy': dead }
    t.match(await headersOf(path, init), { status, headers: expected }, path)
  }
})

t.test('what the application serves may be kept, and is careful otherwise', async (t) => {
  const { headers } = await headersOf('/rest/v1/nothing')
  t.match(headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': dead })
  t.notOk('cache-control' in headers)
})

t.test('a page of ours may run its own scripts and no others', async (t) => {
  const text = fs.readFileSync('start/landing.html', 'utf8')
  const gateway = await startGateway({
    databaseUrl: stack.db.gatewayUrl,
    port: 0,
    log: pino({ level: 'silent' }),
    pages: { '/': { type: 'text/html; charset=utf-8', text } },
  })
  t.teardown(() => gateway.close())
  const response = await fetch(gateway.url)
  const policy = response.headers.get('content-security-policy') ?? ''
  t.match(Object.fromEntries(response.headers), careful)
  t.match(
    policy,
    /^default-src 'none'; script-src 'self' 'sha256-[^']+'; style-src 'self' 'sha256-[^']+';/,
  )
  t.notMatch(policy, /unsafe/)
  t.match(policy, /base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/)
  t.equal(policy, pagePolicy(await response.text()))
})
