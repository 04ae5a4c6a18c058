// Calling functions through /rest/v1/rpc: whole answers to requests in PostgREST's grammar.

import t from 'tap'
import { ask, createNotes, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql } = stack
await createNotes(sql)
const ann = await signUp(sql, 'ann@example.com')
const json = 'application/json; charset=utf-8'
const object = 'application/vnd.pgrst.object+json'

await sql.unsafe(`
  create type point_2d as (x integer, y integer);
  create domain even as integer check (value % 2 = 0);
  create function add_them(a integer, b integer) returns integer language sql immutable
    as 'select a + b';
  create function me() returns uuid language sql stable as 'select auth.uid()';
  create function nothing() returns void language sql volatile as '';
  create function nobody() returns text language sql stable as 'select null::text';
  create function items(low integer default 1, high integer default 3)
    returns table (id integer, name text) language sql stable
    as 'select i, ''item '' || i from generate_series(low, high) i';
  create function numbers() returns setof integer language sql stable
    as 'select generate_series(1, 3)';
  create function here() returns point_2d language sql stable as 'select row(10, 5)::point_2d';
  create function out_one(out answer integer) language sql stable as 'select 42';
  create function echo(data jsonb) returns jsonb language sql immutable as 'select data';
  create function whole(json) returns json language sql immutable as 'select $1';
  create function sum_of(variadic v integer[]) returns integer language sql immutable
    as 'select sum(i)::integer from unnest(v) i';
  create function half(n even) returns integer language sql immutable as 'select n / 2';
  create function list(v text[]) returns text[] language sql immutable as 'select v';
  create function my_notes() returns setof notes language sql stable as 'select * from notes';
  create function add_note(title text) returns notes language sql volatile
    as 'insert into notes (title) values (title) returning *';
  create function same(arg integer) returns integer language sql immutable as 'select arg';
  create function same(arg text) returns text language sql immutable as 'select arg';
  create function over(a integer) returns text language sql immutable as 'select ''one''';
  create function over(a integer, b integer) returns text language sql immutable
    as 'select ''two''';
  create function "Quoted Function"("a ""b" text) returns text language sql immutable
    as 'select $1';
  create function made() returns text language plpgsql volatile as $$
  begin
    perform set_config('response.status', '418', true);
    perform set_config('response.headers', '[{"x-tea": "pot"}]', true);
    return current_setting('request.method') || ' ' || current_setting('request.path');
  end
  $$;
  create function broken(setting text, value text) returns void language sql volatile
    as 'select set_config(setting, value, true)';
  create function closed() returns integer language sql as 'select 1';
  revoke execute on all functions in schema public from public;
  grant execute on all functions in schema public to anon, authenticated;
  revoke execute on function closed() from anon, authenticated;
`)
const range = { 'content-type': json, 'content-range': '0-0/*' }

t.test('calls with the arguments that the body names', async (t) => {
  t.same(await ask(stack, 'rpc/add_them', undefined, { body: { a: 3, b: 4 } }), {
    status: 200,
    headers: range,
    body: 7,
  })
  t.same((await ask(stack, 'rpc/me', ann.token, { body: {} })).body, ann.id)
})

const results: [path: string, range: string, body: unknown][] = [
  ['add_them?a=3&b=4', '0-0/*', 7],
  ['nobody', '0-0/*', null],
  ['numbers', '0-2/*', [1, 2, 3]],
  ['here', '0-0/*', { x: 10, y: 5 }],
  ['out_one', '0-0/*', { answer: 42 }],
  ['echo?data={"a":[1]}', '0-0/*', { a: [1] }],
  ['sum_of?v=1&v=2&v=3', '0-0/*', 6],
  ['sum_of?v=5', '0-0/*', 5],
  ['half?n=4', '0-0/*', 2],
  ['list?v={a,"b,c"}', '0-0/*', ['a', 'b,c']],
  ['over?a=1', '0-0/*', 'one'],
  ['over?a=1&b=2', '0-0/*', 'two'],
  ['Quoted%20Function?a "b=it', '0-0/*', 'it'],
  ['items?low=1&high=1', '0-0/*', [{ id: 1, name: 'item 1' }]],
  ['items?high=0', '*/*', []],
  ['items?select=id&id=gt.1&order=id.desc', '0-1/*', [{ id: 3 }, { id: 2 }]],
  [
    'items?high=9&select=label:name&id=in.(4,7)&or=(id.eq.7,id.eq.8)',
    '0-0/*',
    [{ label: 'item 7' }],
  ],
  ['items?select=id::text&limit=1&offset=1', '1-1/*', [{ id: '2' }]],
  ['here?select=x', '0-0/*', { x: 10 }],
  ['my_notes?select=title', '*/*', []],
]

t.test('gives back what each kind of function returns', async (t) => {
  for (const [path, range, body] of results) {
    const expected = {
      status: 200,
      headers: { 'content-type': json, 'content-range': range },
      body,
    }
    t.same(await ask(stack, `rpc/${path}`, ann.token), expected, path)
  }
})

t.test('a body is JSON of any kind', async (t) => {
  const bodies: [name: string, body: unknown, answer: unknown][] = [
    ['echo', '{"data":{"n":0.10000000000000000001}}', { n: 0.1 }],
    ['echo', { data: [1, 'a', null] }, [1, 'a', null]],
    ['list', { v: ['a', 'b"c'] }, ['a', 'b"c']],
    ['sum_of', { v: [1, 2] }, 3],
    ['items', {}, [1, 2, 3].map((id) => ({ id, name: `item ${id}` }))],
    ['items', '', [1, 2, 3].map((id) => ({ id, name: `item ${id}` }))],
    ['items', { low: 3 }, [{ id: 3, name: 'item 3' }]],
    ['add_them', [{ a: 1, b: 2 }], 3],
    ['add_them?columns=a,b', { a: 1, b: 2, c: 3 }, 3],
    ['whole', { any: { thing: 1 } }, { any: { thing: 1 } }],
  ]
  for (const [name, body, answer] of bodies) {
    t.match(
      await ask(stack, `rpc/${name}`, undefined, { body }),
      { status: 200, body: answer },
      name,
    )
  }
})

t.test('void is 204, and HEAD has no body', async (t) => {
  t.same(await ask(stack, 'rpc/nothing', undefined, { body: {} }), {
    status: 204,
    headers: { 'content-range': '0-0/*' },
    body: null,
  })
  t.same(await ask(stack, 'rpc/items', undefined, { method: 'HEAD' }), {
    status: 200,
    headers: { 'content-type': json, 'content-range': '0-2/*' },
    body: null,
  })
})

t.test('counts, cuts and asks for one', async (t) => {
  const counted = { prefer: 'count=exact' }
  t.same(
    await ask(stack, 'rpc/items?limit=1&offset=1', undefined, { headers: counted, body: {} }),
    {
      status: 206,
      headers: {
        'content-type': json,
        'content-range': '1-1/3',
        'preference-applied': 'count=exact',
      },
      body: [{ id: 2, name: 'item 2' }],
    },
  )
  t.match(await ask(stack, 'rpc/add_them?a=1&b=1', undefined, { headers: counted }), {
    status: 200,
    headers: { 'content-range': '0-0/1' },
  })
  const ranged = { ...counted, range: '1-1' }
  t.match(await ask(stack, 'rpc/items', undefined, { headers: ranged }), {
    status: 206,
    headers: { 'content-range': '1-1/3' },
  })
  t.match(await ask(stack, 'rpc/items', undefined, { headers: ranged, body: {} }), {
    status: 200,
    headers: { 'content-range': '0-2/3' },
  })
  const one = { headers: { accept: object } }
  t.match(await ask(stack, 'rpc/items?id=eq.2', undefined, one), {
    headers: { 'content-type': `${object}; charset=utf-8` },
    body: { id: 2 },
  })
  t.match(await ask(stack, 'rpc/items', undefined, one), {
    status: 406,
    body: { code: 'PGRST116', details: 'The result contains 3 rows' },
  })
})

t.test('a function writes by POST, and by GET nothing', async (t) => {
  t.match(await ask(stack, 'rpc/add_note', ann.token, { body: { title: 'Milk' } }), {
    status: 200,
    body: { title: 'Milk', user_id: ann.id },
  })
  t.match(await ask(stack, 'rpc/add_note?title=Bread', ann.token), {
    status: 405,
    body: { code: '25006', message: 'cannot execute INSERT in a read-only transaction' },
  })
  t.same(await sql`select title from notes`, [{ title: 'Milk' }])
})

t.test(
  'a function chooses status and headers, and knows the request as under PostgREST',
  async (t) => {
    const answer = await fetch(`${stack.api}/rest/v1/rpc/made`, { method: 'POST' })
    t.same(
      [answer.status, answer.headers.get('x-tea'), await answer.json()],
      [418, 'pot', 'POST /rpc/made'],
    )
    const bad: [setting: string, value: string, code: string, message: string][] = [
      ['response.status', 'teapot', 'PGRST112', 'response.status guc must be a valid status code'],
      [
        'response.headers',
        '{"a": "b"}',
        'PGRST111',
        'response.headers guc must be a JSON array composed of objects with a single key and a string value',
      ],
    ]
    for (const [setting, value, code, message] of bad) {
      t.same(await ask(stack, 'rpc/broken', undefined, { body: { setting, value } }), {
        status: 500,
        headers: { 'content-type': json },
        body: { code, details: null, hint: null, message },
      })
    }
  },
)

t.test('names what matches no function, or more than one', async (t) => {
  const searched = (what: string) =>
    `Searched for the function public.${what}, but no matches were found in the schema cache.`
  const found = (what: string) => `Could not find the function public.${what} in the schema cache`
  const unnamed = ' or with a single unnamed json/jsonb parameter'
  const none: [path: string, body: unknown, what: string, details: string][] = [
    ['nope', undefined, 'nope without parameters', 'nope without parameters'],
    ['nope', {}, 'nope without parameters', `nope without parameters${unnamed}`],
    ['add_them?a=1', undefined, 'add_them(a)', 'add_them with parameter a'],
    ['add_them?c=3&b=2&a=1', undefined, 'add_them(a, b, c)', 'add_them with parameters a, b, c'],
    ['add_them', { a: 1, c: 2 }, 'add_them(a, c)', `add_them with parameters a, c${unnamed}`],
    ['whole?a=1', undefined, 'whole(a)', 'whole with parameter a'],
    ['pg_sleep?a=1', undefined, 'pg_sleep(a)', 'pg_sleep with parameter a'],
    ['signin', { email: 'a' }, 'signin(email)', `signin with parameter email${unnamed}`],
  ]
  for (const [path, body, what, details] of none) {
    t.same(
      await ask(stack, `rpc/${path}`, undefined, body === undefined ? {} : { body }),
      {
        status: 404,
        headers: { 'content-type': json },
        body: { code: 'PGRST202', details: searched(details), hint: null, message: found(what) },
      },
      path,
    )
  }
  t.same(await ask(stack, 'rpc/same?arg=1'), {
    status: 300,
    headers: { 'content-type': json },
    body: {
      code: 'PGRST203',
      details: null,
      hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
      message:
        'Could not choose the best candidate function between: public.same(arg => integer), public.same(arg => text)',
    },
  })
})

t.test('refuses what is of the wrong type, and what the caller may not call', async (t) => {
  const bad: [path: string, status: number, code: string, more?: object][] = [
    ['add_them?a=x&b=1', 400, '22P02'],
    ['add_them', 400, '22P02', { body: { a: 'x', b: 1 } }],
    ['add_them?a=99999999999&b=1', 400, '22003'],
    ['half?n=3', 400, '23514'],
    ['items?select=foo', 400, '42703'],
    ['items?foo=eq.1', 400, '42703'],
    ['numbers?order=value', 400, '42703'],
    ['closed', 401, '42501'],
    ['add_them', 400, 'PGRST102', { body: '{"a":' }],
    ['add_them', 400, 'PGRST102', { body: [{ a: 1 }, { b: 1 }] }],
    ['a/b', 404, 'PGRST125'],
  ]
  for (const [path, status, code, more] of bad) {
    t.match(await ask(stack, `rpc/${path}`, undefined, more), { status, body: { code } }, path)
  }
})
