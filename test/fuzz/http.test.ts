// Whatever is sent to whatever endpoint: never a 500, always an answer of the known shape, and the
// gateway lives on. `npm run fuzz` sends 100,000 requests, `npm test` a few.

import * as fc from 'fast-check'
import { connect } from 'node:net'
import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { openDatabase } from '../support/database.ts'
import { createNotes, signUp } from '../support/notes.ts'
import { anyRequest, type Probe, reportOf, runs } from './requests.ts'

t.setTimeout(0)
const db = await openDatabase(t)
await db.settings({
  mailer_autoconfirm: true,
  external_phone_enabled: true,
  external_anonymous_users_enabled: true,
  sms_provider: 'twilio',
  rate_limit_email_sent: null,
  rate_limit_sms_sent: null,
  smtp_max_frequency: '0s',
  sms_max_frequency: '0s',
})
await createNotes(db.sql)
const failures: string[] = []
const log = pino({ level: 'error' }, { write: (line) => void failures.push(line) })
const gateway = await startGateway({ databaseUrl: db.gatewayUrl, port: 0, log })
t.teardown(() => gateway.close())
const { token: user } = await signUp(db.sql, 'ann@example.com')
const [keys] = await db.sql<{ admin: string }[]>`select auth.api_key('service_role') as admin`
const tokens = { user, admin: keys?.admin ?? '', nonsense: 'a.b.c', nobody: undefined }

t.test('every answer is one that clients know', async (t) => {
  const probe = fc.asyncProperty(anyRequest, async (request) => {
    failures.length = 0
    const fault = await faultOf(request)
    if (fault) throw new Error([fault, ...failures].join('\n'))
  })
  const found = await fc.check(probe, { numRuns: runs, endOnFailure: false })
  t.notOk(found.failed, reportOf(found) ?? `${found.numRuns} requests`)
  t.ok(found.numRuns >= runs)
})

t.test('what is no HTTP at all is answered 400 or cut off', async (t) => {
  const raw = [
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'POST /otp HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}',
    'POST /otp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /otp HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}',
    'POST /otp HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
    'GET /settings HTTP/1.1\r\nHost: x\r\nX: a\r\n b\u0000c: d\r\n\r\n',
    'GET /verify?type=\r\n\tInjected: 1 HTTP/1.1\r\nHost: x\r\n\r\n',
    `GET /settings HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`,
    `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'GET http://evil.example.com/settings HTTP/1.1\r\nHost: a b\r\n\r\n',
    'GET //evil.example.com/settings HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET \\\\evil HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /settings HTTP/1.1\r\nHost: \r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
    'TRACE /settings HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT evil.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  ]
  for (const text of raw) {
    failures.length = 0
    const answer = await converse(text)
    const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]
    t.match(status ?? 'cut off', /^(400|404|405|413|414|431|204|200|cut off)$/, text.slice(0, 60))
    t.notMatch(answer, /^Injected/im)
    t.same(failures, [])
  }
  t.equal((await fetch(`${gateway.url}/health`)).status, 200)
})

/** Sends it: what is wrong with the answer, or nothing. */
async function faultOf(probe: Probe): Promise<string | undefined> {
  const url = new URL(gateway.url + probe.path)
  for (const [name, value] of probe.query) url.searchParams.append(name, value)
  const headers = new Headers()
  for (const [name, value] of probe.headers) headers.append(name, value)
  const token = tokens[probe.as]
  if (token) headers.set('authorization', `Bearer ${token}`)
  const bodiless = probe.method === 'GET' || probe.method === 'HEAD'
  const response = await fetch(url, {
    method: probe.method,
    headers,
    redirect: 'manual',
    ...(!bodiless && probe.body !== undefined && { body: probe.body }),
  })
  const text = await response.text()
  const { status } = response
  if (status >= 500) return `status ${status}: ${text}`
  if (/auth_private|pg_catalog|\bat .*\.ts:\d|node_modules/.test(text))
    return `tells too much: ${text}`
  if (status === 302 || status === 303) {
    return URL.canParse(response.headers.get('location') ?? '') ? undefined : 'leads nowhere'
  }
  if (probe.method === 'HEAD' || text === '' || text === '404 page not found\n') return undefined
  if (response.headers.get('content-type')?.startsWith('text/html')) return undefined
  return shapeFault(status, text)
}

function shapeFault(status: number, text: string): string | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return `no JSON: ${status} ${text}`
  }
  if (status < 400) return undefined
  const { code, msg, message, error } = body as Record<string, unknown>
  const known = (code !== undefined && (msg ?? message) !== undefined) || error !== undefined
  return known ? undefined : `no error that clients know: ${status} ${text}`
}

/** Says this over a connection of its own: what comes back until it is closed, or for a second. */
function converse(text: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url)
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(port), hostname)
    socket.on('data', (chunk) => {
      answer += chunk
      socket.end()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
    socket.setTimeout(1_000, () => socket.destroy())
    socket.write(text)
  })
}
