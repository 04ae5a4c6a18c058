// Bad input at every endpoint: the contract's error, never a 500, and nothing is written.

import t from 'tap'
import { routes } from '../../gateway/routes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
const json = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body) })

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(stack.api + path, init)
  const text = await response.text()
  return [response.status, text.startsWith('{') ? JSON.parse(text) : text]
}

const error = (code: number, error_code: string, msg: string) => [code, { code, error_code, msg }]
const notJson = (reason: string) =>
  error(400, 'bad_json', `Could not parse request body as JSON: ${reason}`)

t.test('a body that is no JSON object is refused at every endpoint that reads one', async (t) => {
  const withBody = routes.filter((route) => route.params && route.auth === 'none')
  t.ok(withBody.length > 5)
  for (const { method, path, grant, params } of withBody) {
    const url = grant ? `${path}?grant_type=${grant}` : path
    const cases: [string, string][] = [
      ['', 'unexpected end of JSON input'],
      ['   ', 'unexpected end of JSON input'],
      ['{"email":', 'invalid character in JSON text'],
      ['[1]', `json: cannot unmarshal array into Go value of type api.${params}`],
      ['"text"', `json: cannot unmarshal string into Go value of type api.${params}`],
      ['7', `json: cannot unmarshal number into Go value of type api.${params}`],
    ]
    for (const [body, reason] of cases) {
      t.same(await ask(url, { method, body }), notJson(reason), `${method} ${url} ${body}`)
    }
  }
})

t.test('a value of the wrong type is named', async (t) => {
  const field = (type: string, name: string, wanted: string) =>
    notJson(`json: cannot unmarshal ${type} into Go struct field ${name} of type ${wanted}`)
  const cases: [string, unknown, unknown][] = [
    ['/signup', { email: 5 }, field('number', 'SignupParams.email', 'string')],
    ['/signup', { email: ['a'] }, field('array', 'SignupParams.email', 'string')],
    ['/signup', { email: { a: 1 } }, field('object', 'SignupParams.email', 'string')],
    ['/signup', { password: true }, field('bool', 'SignupParams.password', 'string')],
    [
      '/signup',
      { email: 'a@b.c', password: 'secret1', data: 'x' },
      field('string', 'SignupParams.data', 'map[string]interface {}'),
    ],
    [
      '/otp',
      { email: 'a@b.c', create_user: 'no' },
      field('string', 'OtpParams.create_user', 'bool'),
    ],
    ['/verify', { type: 1 }, field('number', 'VerifyParams.type', 'string')],
    [
      '/token?grant_type=refresh_token',
      { refresh_token: 12 },
      field('number', 'RefreshTokenGrantParams.refresh_token', 'string'),
    ],
  ]
  for (const [path, body, expected] of cases) {
    t.same(await ask(path, json(body)), expected, `${path} ${JSON.stringify(body)}`)
  }
})

t.test('a text that Postgres can not hold is refused', async (t) => {
  for (const email of ['a\u0000b@example.com', '\u0000']) {
    const [status, body] = await ask('/signup', json({ email, password: 'correct horse' }))
    t.match([status, body], [400, { error_code: 'bad_json' }])
  }
  t.match(await ask('/recover', { method: 'POST', body: '{"email":"\\ud800@example.com"}' }), [
    400,
    { error_code: /bad_json|validation_failed/ },
  ])
})

t.test('a body that is nested too deeply is refused, whatever it would exhaust', async (t) => {
  for (const depth of [600, 5_000, 100_000]) {
    const data = '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
    const body = `{"email":"deep@example.com","password":"correct horse","data":${data}}`
    t.same(await ask('/signup', { method: 'POST', body }), notJson('exceeded max depth'))
  }
})

t.test('a body over 1 MiB is refused', async (t) => {
  const body = JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(1024 * 1024) })
  t.same(
    await ask('/signup', { method: 'POST', body }),
    error(413, 'request_entity_too_large', 'Request body too large (max 1048576 bytes)'),
  )
})

t.test(
  'keys match in any case, unknown keys are ignored and null is as good as absent',
  async (t) => {
    t.same(
      await ask(
        '/signup',
        json({ EMAIL: 'x', Password: 'correct horse', nonsense: 1, data: null }),
      ),
      error(400, 'validation_failed', 'Unable to validate email address: invalid format'),
    )
    t.same(await ask('/recover', { method: 'POST', body: 'null' }), [
      400,
      { code: 400, error_code: 'validation_failed', msg: 'Password recovery requires an email' },
    ])
  },
)

t.test('an unknown grant, path or method has the answer that clients know', async (t) => {
  const unknown = error(400, 'invalid_credentials', 'unsupported_grant_type')
  t.same(await ask('/token', json({})), unknown)
  t.same(await ask('/token?grant_type=magic', json({})), unknown)
  t.same(await ask('/nothing'), [404, '404 page not found\n'])
  t.same(await ask('/signup'), [405, ''])
  t.same(await ask('/user', { method: 'DELETE' }), [405, ''])
})

t.test('without a bearer token a user route says so', async (t) => {
  for (const authorization of ['', 'Basic abc', 'Bearer', 'Bearer a b']) {
    t.same(
      await ask('/user', { headers: { authorization } }),
      error(401, 'no_authorization', 'This endpoint requires a valid Bearer token'),
      authorization,
    )
  }
})

t.test('the newer API version puts the code first, and says that it does', async (t) => {
  const response = await fetch(`${stack.api}/auth/v1/token?grant_type=password`, {
    ...json({ email: 'nobody@example.com', password: 'correct horse' }),
    headers: { 'x-supabase-api-version': '2024-01-01' },
  })
  t.equal(response.status, 400)
  t.same(await response.json(), {
    code: 'invalid_credentials',
    message: 'Invalid login credentials',
  })
  t.equal(response.headers.get('x-supabase-api-version'), '2024-01-01')
  t.equal(response.headers.get('x-sb-error-code'), 'invalid_credentials')

  for (const version of ['2023-12-31', 'yesterday', '']) {
    const older = await fetch(`${stack.api}/user`, {
      headers: { 'x-supabase-api-version': version },
    })
    t.match(await older.json(), { error_code: 'no_authorization' })
    t.equal(older.headers.get('x-supabase-api-version'), null)
  }
})

t.test('nothing of all this has left a row', async (t) => {
  const [rows] = await stack.sql`
    select
      (select count(*)::int from auth.users) as users,
      (select count(*)::int from auth_private.outbox) as mails,
      (select count(*)::int from auth.audit_log_entries) as audited
  `
  t.same(rows, { users: 0, mails: 0, audited: 0 })
})
