// S-17: what is mailed goes to the mailbox and nowhere else: into no answer but an admin's
// generate_link, and into no notification, on whose channel anybody may listen and speak.

import postgres from 'postgres'
import t from 'tap'
import { openRoles } from '../support/roles.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { smtp_max_frequency: '0' })
const { api, db, sql, until } = stack
const roles = await openRoles(t, db)
const heard: { channel: string; payload: string }[] = []
const url = new URL(db.url)
url.username = `stranger_${process.pid}`
url.password = 'stranger'
const stranger = postgres(url.href, { max: 1, fetch_types: false })
t.teardown(() => stranger.end())
for (const channel of ['pgtrue_outbox', 'pgtrue_gateway']) {
  await stranger.listen(channel, (payload) => void heard.push({ channel, payload }))
}

const email = 'ann@example.com'
const service = { authorization: `Bearer ${stack.serviceKey}` }
const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
  const response = await fetch(api + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return JSON.stringify([await response.text(), ...response.headers])
}
const password = 'correct horse battery'

t.test('no answer holds what it had mailed', async (t) => {
  const requests: [string, object, Record<string, string>?][] = [
    ['/signup', { email, password }],
    ['/resend', { type: 'signup', email }],
    ['/otp', { email }],
    ['/magiclink', { email }],
    ['/recover', { email }],
    ['/invite', { email: 'guest@example.com' }, service],
  ]
  for (const [path, body, headers] of requests) {
    const answer = await post(path, body, headers)
    const to = (body as { email: string }).email
    const mail = await stack.inbox.next(to)
    const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? 'no code'
    const token = new URL(mail.links[0] as string).searchParams.get('token') ?? 'no token'
    t.notMatch([code, token], [/no/, /no/])
    t.notOk(answer.includes(token) || answer.includes(code), `${path} is silent`)
  }
  const made = await post('/admin/generate_link', { type: 'magiclink', email }, service)
  t.match(made, /hashed_token/)
})

t.test('listening tells that there is work, and not which', async (t) => {
  await until(() => heard.some(({ channel }) => channel === 'pgtrue_outbox'))
  await db.settings({ cors_allowed_headers: ['x-of-ours'] })
  await until(() => heard.some(({ channel }) => channel === 'pgtrue_gateway'))
  t.same(new Set(heard.map(({ payload }) => payload)), new Set(['']))
})

t.test('a forged nudge makes them look, and there is nothing new to see', async (t) => {
  const mails = stack.inbox.waiting().length
  const before = await (await fetch(`${api}/settings`)).json()
  const forged = JSON.stringify({ keys: [], to: email, kind: 'recovery', site_url: 'https://evil' })
  for (const { sql } of roles) {
    for (const payload of [forged, '', '1', "'; select 1"]) {
      await sql`select pg_notify('pgtrue_outbox', ${payload})`
      await sql`select pg_notify('pgtrue_gateway', ${payload})`
    }
  }
  await until(() => heard.filter(({ payload }) => payload === forged).length >= 2 * roles.length)
  t.same(await (await fetch(`${api}/settings`)).json(), before)
  t.match(await post('/recover', { email }), /\{\}/, 'and they go on to work')
  await stack.inbox.next(email)
  t.equal(stack.inbox.waiting().length, mails)
  await until(async () => (await sql`select from auth_private.outbox`).length === 0)
})
