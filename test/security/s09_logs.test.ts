// S-09: no secret is written down, by a server that logs all it can, by the gateway or by the
// worker. Every endpoint is asked, so that it succeeds, is refused, violates a constraint or is
// too slow.

import { Writable } from 'node:stream'
import { pino } from 'pino'
import postgres from 'postgres'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { routes } from '../../gateway/routes.ts'
import { startWorker } from '../../worker/worker.ts'
import { openDatabase } from '../support/database.ts'
import { openInbox } from '../support/inbox.ts'
import { leaksOf, openTalkative, ourLines } from '../support/leaks.ts'

const serverLog = await openTalkative(t)
const db = await openDatabase(t)
const inbox = await openInbox(t)
let ownLogs = ''
const log = pino(
  { level: 'trace' },
  new Writable({ write: (line, _, done) => ((ownLogs += String(line)), done()) }),
)
await db.settings({ api_max_request_duration: '2s', smtp_max_frequency: '0' })
const gateway = await startGateway({ databaseUrl: db.gatewayUrl, port: 0, log })
t.teardown(() => gateway.close())
await db.settings({ api_external_url: gateway.url, rate_limit_email_sent: null })
const worker = await startWorker({
  databaseUrl: db.workerUrl,
  smtp: { host: inbox.host, port: inbox.port, adminEmail: 'a@example.com', senderName: 'x' },
  log,
})
t.teardown(() => worker.close())
let payloads = ''
const listener = postgres(db.url, { max: 1 })
t.teardown(() => listener.end({ timeout: 1 }))
for (const channel of ['pgtrue_outbox', 'pgtrue_gateway']) {
  await listener.listen(channel, (payload) => void (payloads += payload))
}

const secrets: Record<string, string> = {}
const errors: string[] = []
const [keys] = await db.sql`
  select auth.api_key('service_role') as service,
    (select secret from auth_private.signing_keys where status = 'in_use') as jwt,
    (select encode(value, 'hex') from auth_private.secrets where name = 'otp_pepper') as pepper
`
Object.assign(secrets, {
  'service key': keys?.service,
  'jwt secret': keys?.jwt,
  pepper: keys?.pepper,
})

type Said = Record<string, never> & { access_token?: string; refresh_token?: string }
async function send(method: string, path: string, body?: unknown, bearer?: string): Promise<Said> {
  const response = await fetch(gateway.url + path, {
    method,
    redirect: 'manual',
    headers: {
      'x-forwarded-for': '203.0.113.9',
      ...(bearer && { authorization: `Bearer ${bearer}` }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.status >= 400) errors.push(text)
  const said = text.startsWith('{') ? JSON.parse(text) : {}
  note(said)
  return said
}

let count = 0
function note({ access_token, refresh_token }: Said): void {
  if (access_token) secrets[`access token ${++count}`] = access_token
  if (refresh_token) secrets[`refresh token ${count}`] = refresh_token
}
async function mailed(email: string) {
  const mail = await inbox.next(email)
  const link = mail.links.at(0) ?? ''
  const token = new URL(link || 'http://none').searchParams.get('token') ?? ''
  const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? ''
  if (token) secrets[`link ${++count}`] = token
  return { link, token, code }
}

t.test('every endpoint, with secrets that work', async (t) => {
  const email = 'ann@example.com'
  const password = (secrets.password = 'canary-password-of-ann')
  await send('POST', '/signup', { email, password })
  const first = await mailed(email)
  await fetch(first.link, { redirect: 'manual' })
  const session = await send('POST', '/token?grant_type=password', { email, password })
  await send('POST', '/token?grant_type=refresh_token', { refresh_token: session.refresh_token })
  await send('POST', '/otp', { email })
  const { code } = await mailed(email)
  await send('POST', '/verify', { type: 'email', email, token: code })
  await send('POST', '/recover', { email })
  const { token } = await mailed(email)
  const recovered = await send('POST', '/verify', { type: 'recovery', token_hash: token })
  await send('GET', '/user', undefined, recovered.access_token)
  const next = (secrets['new password'] = 'canary-password-of-later')
  await send('PUT', '/user', { password: next }, recovered.access_token)
  await send('GET', '/reauthenticate', undefined, recovered.access_token)
  await mailed(email)
  await send('PUT', '/user', { email: 'new@example.com' }, recovered.access_token)
  await mailed('new@example.com')
  await mailed(email)
  const verifier = (secrets.verifier = 'canary-verifier-'.padEnd(50, 'v'))
  await send('POST', '/magiclink', {
    email,
    code_challenge: verifier,
    code_challenge_method: 'plain',
  })
  const flow = await fetch((await mailed(email)).link, { redirect: 'manual' })
  const auth_code = new URL(flow.headers.get('location') ?? '').searchParams.get('code') ?? ''
  t.ok(auth_code)
  secrets['auth code'] = auth_code
  await send('POST', '/token?grant_type=pkce', { auth_code, code_verifier: verifier })
  const byAdmin = (secrets['password by admin'] = 'canary-password-by-admin')
  const made = await send(
    'POST',
    '/admin/users',
    { email: 'm@example.com', password: byAdmin },
    keys?.service,
  )
  await send('PUT', `/admin/users/${made.id}`, { password: `${byAdmin}2` }, keys?.service)
  const linked = await send(
    'POST',
    '/admin/generate_link',
    { type: 'recovery', email },
    keys?.service,
  )
  secrets['generated link'] = linked.hashed_token as never
  await send('POST', '/logout', {}, recovered.access_token)
  t.ok(count >= 8, `${count} secrets were given out`)
})

t.test('every endpoint, with secrets that do not work', async (t) => {
  const canary = (secrets['wrong secret'] = 'canary-that-is-wrong')
  const body = {
    email: 'ann@example.com',
    password: canary,
    token: canary,
    token_hash: undefined,
    refresh_token: canary,
    auth_code: canary,
    code_verifier: canary,
    nonce: canary,
    current_password: canary,
    type: 'email',
  }
  for (const { method, path, grant } of routes) {
    const query = grant ? `?grant_type=${grant}` : `?token=${canary}&type=signup`
    const url = path.replace(/:\w+/g, '00000000-0000-4000-8000-000000000000') + query
    const sent = method === 'GET' ? undefined : body
    await send(method, url, sent)
    await send(method, url, sent, `${keys?.service}x`)
    if (sent) {
      await send(method, url, `{"password": "${canary}`)
      await send(method, url, { ...body, password: [canary], token: { canary } })
      await send(method, url, { ...body, email: `${canary}\0@example.com` })
      await send(method, url, { ...body, token: undefined, token_hash: canary, email: undefined })
    }
  }
  t.ok(errors.length > 60)
})

t.test('an error inside, and a statement that takes too long', async (t) => {
  await db.sql.unsafe(`
    create function public.spoil() returns trigger language plpgsql as $$ begin
      case split_part(new.email, '@', 1)
        when 'slow' then perform pg_sleep(20);
        when 'null' then new.aud := null; new.id := null;
        when 'cast' then perform new.email::integer;
        when 'check' then raise check_violation using message = 'no';
        else null;
      end case;
      return new;
    end $$;
    create trigger spoil before insert on auth.users for each row execute function public.spoil();
  `)
  for (const way of ['slow', 'null', 'cast', 'check']) {
    const password = (secrets[`password of ${way}`] = `canary-password-${way}`)
    const { code } = await send('POST', '/signup', { email: `${way}@example.com`, password })
    t.ok(Number(code) >= 500, way)
  }
})

t.test('none of them was written down', async (t) => {
  const ours = ourLines(serverLog())
  t.match(ours, /auth_private\.call/, 'statements were logged')
  t.match(ours, /Query Text/, 'and plans')
  t.match(ours, /encrypted_password/, 'nested ones, too')
  t.match(ours, /canceling statement due to statement timeout/)
  t.same(leaksOf(secrets, ours), [])

  await db.sql`create extension pg_stat_statements`
  const statistics = await db.sql`
    select query from pg_stat_statements where userid in ('authenticator'::regrole, 'auth_worker'::regrole,
      'anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole, 'auth_owner'::regrole)
  `
  t.ok(statistics.length > 50)
  t.same(leaksOf(secrets, statistics.map(({ query }) => query).join('\n')), [])
  t.ok(ownLogs.split('\n').length > 50)
  t.same(leaksOf(secrets, ownLogs), [])
  t.same(leaksOf(secrets, errors.join('\n')), [])
  t.equal(payloads, '')
})

t.test('the probe finds what is written: without our roles’ settings it does', async (t) => {
  const gatewayRole = postgres(db.gatewayUrl, { max: 1 })
  t.teardown(() => gatewayRole.end({ timeout: 1 }))
  const canary = 'canary-for-the-probe'
  await db.sql`alter role authenticator set log_parameter_max_length = -1`
  await gatewayRole`select ${canary}::text`
  await db.sql`alter role authenticator set log_parameter_max_length = 0`
  t.equal(leaksOf({ canary }, ourLines(serverLog())).length, 1)
})
