// Handing /rest/v1 to PostgREST, against a server that answers in its place.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { createSupabase } from '../support/client.ts'
import { openDatabase } from '../support/database.ts'

const log = pino({ level: 'silent' })
const db = await openDatabase(t)

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers as told, behind a gateway. */
async function openForward(answer: Answer) {
  let connections = 0
  const server = createServer((request, response) => answer(request, response))
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const gateway = await startGateway({
    databaseUrl: db.gatewayUrl,
    postgrestUrl: `http://127.0.0.1:${port}/base/`,
    port: 0,
    log,
  })
  t.teardown(async () => {
    await gateway.close()
    server.closeAllConnections()
    server.close()
  })
  return { api: gateway.url, server, connections: () => connections }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

t.test('hands on method, path, query, headers and body, and the answer back', async (t) => {
  const { api } = await openForward(async (request, response) => {
    const body = await textOf(request)
    response.writeHead(201, 'Created', {
      'content-type': 'application/json; charset=utf-8',
      'content-range': '*/1',
      location: '/notes?id=eq.1',
    })
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body }))
  })
  const answer = await fetch(`${api}/rest/v1/notes?select=id,%22a%20b%22&or=(id.eq.1)`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer a.b.c',
      'content-type': 'application/json',
      prefer: 'return=representation',
      'accept-profile': 'api',
      'x-client-info': 'me',
    },
    body: '{"title":"Milk"}',
  })
  t.equal(answer.status, 201)
  t.equal(answer.headers.get('content-range'), '*/1')
  t.equal(answer.headers.get('location'), '/notes?id=eq.1')
  t.equal(answer.headers.get('access-control-allow-origin'), '*')
  const told = (await answer.json()) as { headers: Record<string, string>; url: string }
  t.match(told, {
    method: 'POST',
    url: '/base/notes?select=id,%22a%20b%22&or=(id.eq.1)',
    body: '{"title":"Milk"}',
    headers: {
      authorization: 'Bearer a.b.c',
      'content-type': 'application/json',
      prefer: 'return=representation',
      'accept-profile': 'api',
      'x-client-info': 'me',
    },
  })
  t.not(told.headers.host, new URL(api).host)
})

t.test('an API key alone is a token, and beside a token is none', async (t) => {
  const { api } = await openForward((request, response) => {
    response.end(JSON.stringify(request.headers.authorization ?? null))
  })
  const asked = async (headers: Record<string, string>) =>
    (await fetch(`${api}/rest/v1/notes`, { headers })).json()
  t.equal(await asked({ apikey: 'k' }), 'Bearer k')
  t.equal(await asked({ apikey: 'k', authorization: 'Bearer u' }), 'Bearer u')
  t.equal(await asked({}), null)
})

t.test('keeps to itself what is only between two hops', async (t) => {
  const { api } = await openForward((request, response) => {
    response.writeHead(200, { connection: 'x-mine', 'x-mine': 'here', 'x-kept': 'there' })
    response.end(JSON.stringify(request.headers))
  })
  const { request } = await import('node:http')
  const sent = request(`${api}/rest/v1/notes`, {
    headers: { connection: 'x-hop', 'x-hop': '1', te: 'trailers', 'x-kept': '2' },
  })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const seen = JSON.parse(await textOf(answer)) as Record<string, string>
  t.match(seen, { 'x-kept': '2', 'x-hop': undefined, te: undefined })
  t.match(answer.headers, { 'x-kept': 'there', 'x-mine': undefined })
})

t.test('streams both ways, without a limit of its own', async (t) => {
  // Each side waits for the other's first piece before it sends its second.
  const { api } = await openForward((request, response) => {
    request.once('data', () => response.write('first,'))
    let length = 0
    request.on('data', (chunk: Buffer) => (length += chunk.length))
    request.on('end', () => response.end(String(length)))
  })
  const { readable, writable } = new TransformStream<Uint8Array>()
  const writer = writable.getWriter()
  const piece = new Uint8Array(1024 * 1024)
  const answering = fetch(`${api}/rest/v1/notes`, {
    method: 'POST',
    body: readable,
    duplex: 'half',
  } as RequestInit)
  await writer.write(piece)
  const answer = await answering
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  t.equal(new TextDecoder().decode((await reader.read()).value), 'first,')
  await writer.write(piece)
  await writer.write(piece)
  await writer.close()
  t.equal(new TextDecoder().decode((await reader.read()).value), String(3 * piece.length))
})

t.test('keeps its connection', async (t) => {
  const { api, connections } = await openForward((_, response) => response.end('[]'))
  for (let i = 0; i < 5; i++) {
    await (await fetch(`${api}/rest/v1/notes`)).text()
  }
  t.equal(connections(), 1)
})

t.test('HEAD and 204 have no body', async (t) => {
  const { api } = await openForward((request, response) => {
    response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'content-range': '0-24/3573458' })
    response.end()
  })
  for (const [method, status] of [
    ['HEAD', 200],
    ['DELETE', 204],
  ] as const) {
    const answer = await fetch(`${api}/rest/v1/notes?id=eq.1`, { method })
    t.same(
      [answer.status, answer.headers.get('content-range'), await answer.text()],
      [status, '0-24/3573458', ''],
    )
  }
})

t.test('tells clearly that PostgREST is not there, or does not answer', async (t) => {
  const { api, server } = await openForward(() => undefined)
  await db.settings({ api_max_request_duration: '200ms' })
  const slow = await openForward(() => undefined)
  const errors: [api: string, status: number, code: string, message: string, hint: string][] = [
    [
      slow.api,
      504,
      'POSTGREST_TIMEOUT',
      'PostgREST did not answer in time',
      'The setting api_max_request_duration says how long to wait.',
    ],
    [
      api,
      502,
      'POSTGREST_UNREACHABLE',
      'PostgREST can not be reached',
      'Does it run where POSTGREST_URL says?',
    ],
  ]
  server.close()
  await once(server, 'close')
  for (const [at, status, code, message, hint] of errors) {
    const answer = await fetch(`${at}/rest/v1/notes`)
    t.same(
      { status: answer.status, body: await answer.json() },
      { status, body: { code, details: null, hint, message } },
    )
  }
})

t.test('an answer that breaks off breaks off here, too', async (t) => {
  const { api } = await openForward((_, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('[')
    setImmediate(() => response.destroy())
  })
  await t.rejects(fetch(`${api}/rest/v1/notes`).then((answer) => answer.text()))
})

t.test('only /rest/v1 is handed on', async (t) => {
  const { api } = await openForward((_, response) => response.end('"PostgREST"'))
  t.match(await (await fetch(`${api}/auth/v1/health`)).json(), { name: 'GoTrue' })
  t.equal(await (await fetch(`${api}/rest/v1/`)).text(), '"PostgREST"')
})

t.test('supabase-js gets what PostgREST answers', async (t) => {
  const { api } = await openForward((request, response) => {
    response.setHeader('content-type', 'application/json; charset=utf-8')
    if (request.url?.includes('nothing')) {
      response.statusCode = 404
      response.end('{"code":"PGRST205","details":null,"hint":null,"message":"no such table"}')
      return
    }
    response.setHeader('content-range', '0-0/1')
    response.end('[{"id":1,"users":{"email":"ann@example.com"}}]')
  })
  const supabase = createSupabase({ api, anonKey: 'a.b.c' })
  const { data, count } = await supabase.from('notes').select('id,users(email)', { count: 'exact' })
  t.same({ data, count }, { data: [{ id: 1, users: { email: 'ann@example.com' } }], count: 1 })
  t.equal((await supabase.from('nothing').select()).error?.code, 'PGRST205')
})
