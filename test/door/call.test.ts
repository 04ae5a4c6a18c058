// The dispatcher: a request as one statement.

import t from 'tap'
import type { JSONValue } from 'postgres'
import { openDoor, openUsers, refusal } from '../support/users.ts'

const { ask, connect, gatewayUrl, join, sql } = await openUsers(t)
await sql`
  create function auth.show(
    word text default 'nothing', flag boolean default null, data jsonb default null
  ) returns jsonb language sql stable
  return jsonb_build_object(
    'word', word, 'flag', flag, 'data', data, 'role', current_user,
    'sub', auth.uid(), 'claim', auth.role(), 'headers', current_setting('request.headers'),
    'method', current_setting('request.method'), 'path', current_setting('request.path'),
    'ip', auth_private.client_ip()
  )
`
await sql`grant execute on function auth.show to anon, authenticated`
await sql`grant usage on schema auth_private to anon, authenticated`
await sql`grant execute on function auth_private.client_ip to anon, authenticated`
const ann = await join('ann@example.com')

t.test('calls the function as the caller, with her arguments, claims and headers', async (t) => {
  const answer = await ask(
    'show',
    { word: 'a "quoted" \'word\' $1 %s', flag: true, data: { a: [1, null] } },
    { as: ann, headers: { 'x-test': 'ü' }, address: '2001:db8::7' },
  )
  t.same(answer, {
    status: 200,
    headers: {},
    body: {
      word: 'a "quoted" \'word\' $1 %s',
      flag: true,
      data: { a: [1, null] },
      role: 'authenticated',
      sub: ann.user.id,
      claim: 'authenticated',
      headers: '{"x-test": "ü"}',
      method: 'POST',
      path: '/',
      ip: '2001:db8::7',
    },
  })
})

t.test('what is absent, null or unknown leaves the default', async (t) => {
  for (const args of [
    {},
    { word: null, flag: null, data: null },
    { colour: 'red', '': 1, $1: 2 },
  ]) {
    t.match((await ask('show', args)).body, { word: 'nothing', flag: null, data: null })
  }
  for (const args of [[], 'text', 7, null, true]) {
    t.match((await ask('show', args as never)).body, { word: 'nothing' }, JSON.stringify(args))
  }
})

t.test('empty and false are values', async (t) => {
  const { body } = await ask('show', { word: '', flag: false, data: {} })
  t.match(body, { word: '', flag: false, data: {} })
})

t.test('a value of the wrong type is told in GoTrue’s words', async (t) => {
  const named: Record<string, JSONValue> = {
    number: 1,
    bool: true,
    array: [],
    object: {},
    string: '',
  }
  const wanted = { word: 'string', flag: 'bool', data: 'object' }
  const inGo = { word: 'string', flag: 'bool', data: 'map[string]interface {}' }
  for (const field of ['word', 'flag', 'data'] as const) {
    for (const [type, value] of Object.entries(named)) {
      if (type === wanted[field]) continue
      t.same(
        await ask('show', { [field]: value }),
        refusal(
          400,
          'bad_json',
          'Could not parse request body as JSON: json: cannot unmarshal ' +
            `${type} into Go struct field Params.${field} of type ${inGo[field]}`,
        ),
        `${field} ${type}`,
      )
    }
  }
})

t.test('GRANT decides who may call what', async (t) => {
  const open = ['anon', 'authenticated', 'service_role']
  const users = ['authenticated', 'service_role']
  const calls: [string, Record<string, JSONValue>, string[]][] = [
    ['health', {}, open],
    ['settings', {}, open],
    ['signup', {}, open],
    ['signin', {}, open],
    ['refresh', {}, open],
    ['get_user', {}, users],
    ['update_user', {}, users],
    ['reauthenticate', {}, users],
    ['signout', {}, users],
    ['configure', { changes: {} }, []],
    ['api_key', { role: 'service_role' }, []],
    ['act_as', { who: 'ann@example.com' }, []],
    ['act_as_anon', {}, []],
  ]
  for (const [routine, args, roles] of calls) {
    for (const role of open) {
      const answer = await ask(routine, args, { claims: { role } }).catch(({ code }) => code)
      t.equal(answer !== '42501', roles.includes(role), `${role} ${routine}`)
    }
  }
})

t.test('what is no function of auth is not called', async (t) => {
  for (const routine of ['nothing', 'auth.health', 'users', 'health()', 'Health', '', 'version']) {
    await t.rejects(ask(routine), { code: 'P0002' }, routine)
  }
})

t.test('a role that requests may not run as is refused', async (t) => {
  await sql`create role "Odd role"`
  t.teardown(() => sql`drop role "Odd role"`)
  const unusable = refusal(
    403,
    'bad_jwt',
    'invalid claim: role claim must name a role that requests may run as',
  )
  for (const role of [
    'none',
    'authenticator',
    'postgres',
    'auth_owner',
    'auth_worker',
    'pg_read_all_data',
    'Odd role',
    'no such role',
    'ANON',
    'anon"; reset role; --',
    ' anon',
  ]) {
    t.same(await ask('show', {}, { claims: { role } }), unusable, role)
  }
  for (const claims of [{}, { role: '' }, { role: null }]) {
    t.match((await ask('show', {}, { claims })).body, { role: 'anon' }, JSON.stringify(claims))
  }
})

t.test('a user route wants a user', async (t) => {
  const door = connect(gatewayUrl)
  const required = (claims: JSONValue) =>
    door`
      select auth_private.call('show', '{}', ${door.json(claims)}, '{}', 'user')
    `.catch(({ code, detail, message }) => [code, detail, message])
  const missing = ['PT403', 'bad_jwt', 'invalid claim: missing sub claim']
  const { sub, ...nobody } = { sub: ann.user.id, role: 'authenticated' }
  const cases: [JSONValue, string[]][] = [
    [nobody, missing],
    [{ ...nobody, sub: '' }, missing],
    [{ ...nobody, sub: null }, missing],
    [{ ...nobody, sub: 'x' }, ['PT400', 'bad_jwt', 'invalid claim: sub claim must be a UUID']],
    [{ ...nobody, sub: 7 }, ['PT400', 'bad_jwt', 'invalid claim: sub claim must be a UUID']],
    [
      { sub, session_id: 'x' },
      ['PT403', 'bad_jwt', 'invalid claim: session_id claim must be a UUID'],
    ],
    [
      { sub: '6b1f6f3e-7a5b-4c27-9c7e-0f7f0d4a1c11' },
      ['PT403', 'user_not_found', 'User from sub claim in JWT does not exist'],
    ],
  ]
  for (const [claims, expected] of cases) {
    t.same(await required(claims), expected, JSON.stringify(claims))
  }
})

t.test('one request leaves nothing to the next on the same connection', async (t) => {
  await ask('show', {}, { as: ann, headers: { 'x-test': '1' }, address: '203.0.113.7' })
  const fresh = await ask('show')
  t.match(fresh.body, { role: 'anon', sub: null, claim: 'anon', headers: '{}', ip: '127.0.0.1' })
  t.same((await ask('recover', { email: 'ann@example.com' })).headers, {})

  const door = connect(gatewayUrl)
  await openDoor(door)('show', {}, { as: ann })
  const [after] = await door`
    select current_user as role, current_setting('request.jwt.claims', true) as claims,
      current_setting('request.jwt.claim.sub', true) as sub,
      current_setting('response.status', true) as status,
      current_setting('response.headers', true) as headers
  `
  t.same(after, { role: 'authenticator', claims: '', sub: '', status: '', headers: '' })
})

t.test('the door itself is for the gateway', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role', 'auth_worker']) {
    const attempt = sql.begin(async (sql) => {
      await sql`set local role ${sql(role)}`
      await sql`select auth_private.call('health', '{}', '{"role": "service_role"}', '{}')`
    })
    await t.rejects(attempt, { code: '42501' }, role)
  }
})
