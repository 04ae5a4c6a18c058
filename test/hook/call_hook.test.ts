// Calling a function of the application: what it is given, what it may answer, how it fails.

import t from 'tap'
import { refusalFrom } from '../../gateway/postgres_error.ts'
import { openHooks } from '../support/hooks.ts'
import { openUsers, password, refusal } from '../support/users.ts'

const users = await openUsers(t)
const { ask, rows, settings, sql } = users
const hooks = await openHooks(users)
const name = 'before_user_created'
let count = 0
const signUp = () => ask('signup', { email: `new${++count}@example.com`, password })
const failed = (uri: string) => refusal(500, 'unexpected_failure', `Error running hook URI: ${uri}`)

t.test('gives a hook what it decides about, and who asks', async (t) => {
  await hooks.on(name)
  const from = { address: '203.0.113.7' }
  t.match(await ask('signup', { email: 'ann@example.com', password }, from), { status: 200 })
  const [event] = await hooks.heard(name)
  t.same(Object.keys(event ?? {}).sort(), ['metadata', 'user'])
  t.match(event?.metadata, {
    uuid: /^[0-9a-f-]{36}$/,
    time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/,
    name: 'before-user-created',
    ip_address: '203.0.113.7',
  })
  const told = new Date(event?.metadata.time).getTime()
  t.ok(Math.abs(told - Date.now()) < 60_000)
})

t.test('takes json as well as jsonb, and an answer of any type that reads as JSON', async (t) => {
  for (const [body, declared] of [
    ['return null;', { takes: 'json' }],
    ['return null;', { returns: 'text' }],
    [`return '{}';`, { returns: 'text' }],
    [`return 'null';`, {}],
    [`return '{"error": {"http_code": 400, "message": ""}}';`, { returns: 'json' }],
    [`return '{"error": {}, "more": 1}';`, {}],
    ['return;', { returns: 'void' }],
  ] as const) {
    await hooks.on(name, body, declared)
    t.match(await signUp(), { status: 200 }, `${body} ${JSON.stringify(declared)}`)
    t.equal((await hooks.heard(name)).length, 1)
  }
})

t.test('a name is taken as it is written', async (t) => {
  await sql.unsafe(`
    create schema "App";
    grant usage on schema "App" to auth_owner;
    create function "App"."Select"(event jsonb, other text default '') returns jsonb language sql
    as $$ select '{"error": {"http_code": 418, "message": "from App.Select"}}'::jsonb $$;
  `)
  await hooks.at(name, 'pg-functions:///App/Select')
  t.same(await signUp(), refusal(418, 'unknown', 'from App.Select'))
})

t.test('an error of the hook is told unchanged, with its status', async (t) => {
  const before = await rows()
  for (const [error, status, code] of [
    [`{"http_code": 403, "message": "50%s off limits"}`, 403, 'unknown'],
    [`{"http_code": 500, "message": "50%s off limits"}`, 500, 'unexpected_failure'],
    [`{"http_code": 0, "message": "50%s off limits"}`, 500, 'unexpected_failure'],
    [`{"http_code": 200, "message": "50%s off limits"}`, 500, 'unexpected_failure'],
    [`{"http_code": "429", "message": "50%s off limits"}`, 429, 'unknown'],
    [`{"message": "50%s off limits"}`, 500, 'unexpected_failure'],
  ] as const) {
    await hooks.on(name, `return '{"error": ${error}}';`)
    t.same(await signUp(), refusal(status, code, '50%s off limits'), error)
  }
  t.same(await rows(), before)
  t.same(await hooks.heard(name), [], 'what the hook wrote is undone, too')
})

t.test('what can not be called says which hook it was', async (t) => {
  await sql.unsafe(`
    create function app.no_argument() returns jsonb language sql as 'select null::jsonb';
    create function app.wrong_argument(event text) returns jsonb language sql as 'select null::jsonb';
    create function app.two_arguments(event jsonb, more text) returns jsonb language sql
      as 'select null::jsonb';
    create function app.not_ours(event jsonb) returns jsonb language sql as 'select null::jsonb';
    revoke execute on function app.not_ours from public;
    create function app.broken(event jsonb) returns jsonb language plpgsql
      as 'begin return (event #>> ''{user,email}'')::uuid; end';
    create function app.without_schema(event jsonb) returns jsonb language plpgsql
      as 'begin perform from heard; return null; end';
    create function app.forbidden(event jsonb) returns jsonb language plpgsql
      as 'begin perform from public.theirs; return null; end';
    create table public.theirs (id integer);
  `)
  for (const routine of [
    'app/nothing',
    'nowhere/hook',
    'pg_temp/hook',
    'app/no_argument',
    'app/wrong_argument',
    'app/two_arguments',
    'app/not_ours',
    'app/broken',
    'app/without_schema',
    'app/forbidden',
  ]) {
    const uri = `pg-functions://postgres/${routine}`
    await hooks.at(name, uri)
    t.same(await signUp(), failed(uri), routine)
  }
  await hooks.at(name, '')
  t.same(await signUp(), failed(''), 'a hook that is on and leads nowhere')
})

t.test('a hook in somebody’s temporary schema is none', async (t) => {
  await sql
    .begin(async (sql) => {
      await sql`
      create function pg_temp.hook(event jsonb) returns jsonb language sql as 'select null::jsonb'
    `
      await sql`
      select auth.configure('{"hook_before_user_created_uri": "pg-functions://x/pg_temp/hook"}')
    `
      await t.rejects(sql`select auth.signup('eve@example.com', ${password})`, {
        code: 'PT500',
        message: 'Error running hook URI: pg-functions://x/pg_temp/hook',
      })
    })
    .catch(() => {})
})

t.test('an answer that is no JSON object is refused', async (t) => {
  for (const said of ['no json', '[]', '"text"', '1', '{"a": "\\u0000"}', '{']) {
    await hooks.on(name, `return $answer$${said}$answer$;`, { returns: 'text' })
    t.same(
      await signUp(),
      refusal(500, 'unexpected_failure', 'Error unmarshaling JSON output.'),
      said,
    )
  }
})

t.test('what a hook raises on purpose keeps its own words', async (t) => {
  const raised = async (body: string) => {
    await hooks.on(name, body)
    return signUp().then(
      ({ body }) => body,
      (error) => refusalFrom(error),
    )
  }
  t.match(await raised(`raise exception 'no more guests' using hint = 'come tomorrow';`), {
    status: 500,
    code: 'unexpected_failure',
    message: 'no more guests',
    postgres: { code: 'P0001', message: 'no more guests', hint: 'come tomorrow' },
  })
  t.match(await raised(`raise sqlstate 'PT402' using message = 'pay first';`), {
    code: 402,
    error_code: 'unknown',
    msg: 'pay first',
  })
  await sql`create unique index heard_once on app.heard (hook)`
  t.match(await raised(`insert into app.heard (hook) values ('${name}'); return null;`), {
    status: 500,
    message: 'duplicate key value violates unique constraint "heard_once"',
  })
  await sql`drop index app.heard_once`
})

t.test('a hook that is off is not called', async (t) => {
  await hooks.on(name)
  await hooks.off(name)
  t.match(await signUp(), { status: 200 })
  t.same(await hooks.heard(name), [])
})

t.test('only what is sent can go to a URL', async (t) => {
  for (const hook of [
    name,
    'after_user_created',
    'custom_access_token',
    'password_verification_attempt',
    'mfa_verification_attempt',
  ]) {
    await t.rejects(settings({ [`hook_${hook}_uri`]: 'https://example.com/hook' }), {
      code: 'PT400',
    })
  }
})
