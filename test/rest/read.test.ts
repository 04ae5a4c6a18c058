// Reading through /rest/v1: whole answers to requests in PostgREST's grammar.

import t from 'tap'
import { ask, createNotes, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql } = stack
await createNotes(sql)
const ann = await signUp(sql, 'ann@example.com')
const bob = await signUp(sql, 'bob@example.org')
await sql`
  insert into notes (id, user_id, title, stars)
  values (1, ${ann.id}, 'Milk', 3), (2, ${ann.id}, 'Bread', null), (3, ${ann.id}, 'A, "b".c', 5),
    (9, ${bob.id}, 'Bob''s', 1)
`
const json = 'application/json; charset=utf-8'
const object = 'application/vnd.pgrst.object+json'

t.test('a signed-in user reads her rows and no others', async (t) => {
  t.same(await ask(stack, 'notes?select=id,title', ann.token), {
    status: 200,
    headers: { 'content-type': json, 'content-range': '0-2/*' },
    body: [
      { id: 1, title: 'Milk' },
      { id: 2, title: 'Bread' },
      { id: 3, title: 'A, "b".c' },
    ],
  })
  t.same((await ask(stack, 'notes?select=id', bob.token)).body, [{ id: 9 }])
})

const milk = { id: 1, user_id: ann.id, title: 'Milk', stars: 3 }
const reads: [query: string, range: string, body: unknown][] = [
  ['id=eq.1', '0-0/*', [milk]],
  ['select=*&id=eq.1', '0-0/*', [milk]],
  ['select=&id=eq.1', '0-0/*', [milk]],
  ['select=name:title,stars&id=eq.1', '0-0/*', [{ name: 'Milk', stars: 3 }]],
  ['select="title",%20stars%20&id=eq.1', '0-0/*', [{ title: 'Milk', stars: 3 }]],
  ['select="an alias":id&id=eq.1', '0-0/*', [{ 'an alias': 1 }]],
  ['select=source:id,*&id=eq.1', '0-0/*', [{ source: 1, ...milk }]],
  ['select=id&title=eq.Milk&stars=eq.3', '0-0/*', [{ id: 1 }]],
  ['select=id&title=eq.A,+"b".c', '0-0/*', [{ id: 3 }]],
  [`select=id&"user_id"=eq.${ann.id}&id=eq.2`, '0-0/*', [{ id: 2 }]],
  ['select=id&id=eq.1&id=eq.2', '*/*', []],
  ['select=id&title=eq.null', '*/*', []],
  ['select=id&title=eq.', '*/*', []],
  ['select=id&order=id.desc', '0-2/*', [{ id: 3 }, { id: 2 }, { id: 1 }]],
  ['select=id&order=title', '0-2/*', [{ id: 3 }, { id: 2 }, { id: 1 }]],
  ['select=id&order=stars.desc', '0-2/*', [{ id: 2 }, { id: 3 }, { id: 1 }]],
  ['select=id&order=stars.desc.nullslast', '0-2/*', [{ id: 3 }, { id: 1 }, { id: 2 }]],
  ['select=id&order=stars.nullsfirst', '0-2/*', [{ id: 2 }, { id: 1 }, { id: 3 }]],
  ['select=id&order=user_id.asc,id.desc&limit=1', '0-0/*', [{ id: 3 }]],
  ['select=id&order=id&limit=1&offset=1', '1-1/*', [{ id: 2 }]],
  ['select=id&order=id&offset=2', '2-2/*', [{ id: 3 }]],
  ['select=id&offset=7', '*/*', []],
  ['select=id&limit=0', '*/*', []],
  ['select=id&order=id&limit=0&offset=1', '*/*', []],
  ['select=id&order=id&offset=-4', '0-2/*', [{ id: 1 }, { id: 2 }, { id: 3 }]],
]

t.test('selects, filters, orders and cuts', async (t) => {
  for (const [query, range, body] of reads) {
    const expected = {
      status: 200,
      headers: { 'content-type': json, 'content-range': range },
      body,
    }
    t.same(await ask(stack, `notes?${query}`, ann.token), expected, query)
  }
})

t.test('a HEAD tells how many rows there are', async (t) => {
  t.same(await ask(stack, 'notes?limit=2', ann.token, { method: 'HEAD' }), {
    status: 200,
    headers: { 'content-type': json, 'content-range': '0-1/*' },
    body: null,
  })
})

t.test('gives one object to whoever asks for one', async (t) => {
  for (const accept of [object, 'application/vnd.pgrst.object', `text/csv, ${object};q=0.9`]) {
    t.same(await ask(stack, 'notes?id=eq.1', ann.token, { headers: { accept } }), {
      status: 200,
      headers: { 'content-type': `${object}; charset=utf-8`, 'content-range': '0-0/*' },
      body: milk,
    })
  }
  for (const [query, rows] of [
    ['id=eq.9', 0],
    ['', 3],
  ]) {
    t.same(await ask(stack, `notes?${query}`, ann.token, { headers: { accept: object } }), {
      status: 406,
      headers: { 'content-type': json },
      body: {
        code: 'PGRST116',
        details: `The result contains ${rows} rows`,
        hint: null,
        message: 'Cannot coerce the result to a single JSON object',
      },
    })
  }
})

t.test('takes the API key as a token where there is no other', async (t) => {
  const headers = { apikey: stack.serviceKey }
  t.same((await ask(stack, 'notes?select=id&id=eq.9', undefined, { headers })).body, [{ id: 9 }])
  t.same((await ask(stack, 'notes?select=id&id=eq.9', ann.token, { headers })).body, [])
})

t.test('reads a value as the type of its column, whatever that is', async (t) => {
  await sql.unsafe(`
    create domain short as varchar(3) check (value <> 'bad');
    create type mood as enum ('sad', 'happy');
    create table things (id integer, "odd ""name" text, cut varchar(3), fixed char(5), named short,
      moods mood[], at timestamptz, data jsonb, big numeric, "*" integer);
    insert into things values
      (1, 'odd', 'abc', 'abc', 'abc', '{happy}', '2026-01-01Z', '{"a": [1]}', 12345678901234567890.5,
        1);
    grant select on things to anon;
  `)
  const found: [filter: string, rows: number][] = [
    ['"odd \\"name"=eq.odd', 1],
    ['cut=eq.abc', 1],
    ['cut=eq.abcdef', 0],
    ['fixed=eq.abc', 1],
    ['fixed=eq.abcdef', 0],
    ['named=eq.abc', 1],
    ['named=eq.bad', 0],
    ['moods=eq.{happy}', 1],
    ['at=eq.2026-01-01T01:00:00%2B01', 1],
    ['data=eq.{"a":[1]}', 1],
    ['big=eq.12345678901234567890.5', 1],
    ['"*"=eq.1', 1],
  ]
  for (const [filter, rows] of found) {
    const answer = await ask(stack, `things?select=id&${filter}`)
    t.same(answer.body, rows === 1 ? [{ id: 1 }] : [], filter)
  }
  const whole = await fetch(`${stack.api}/rest/v1/things?select=big,"*"`)
  t.equal(await whole.text(), '[{"big":12345678901234567890.5,"*":1}]')
})

t.test('serves the exposed schemas by profile, each as the search path', async (t) => {
  await sql.unsafe(`
    create schema api;
    create function api.here() returns text language sql stable
      as 'select current_setting(''search_path'')';
    create view api.place as select api.here();
    create table api.notes (id integer);
    grant usage on schema api to anon;
    grant select on api.place, api.notes to anon;
  `)
  const headers = { 'accept-profile': 'api' }
  const unknown = await ask(stack, 'place', undefined, { headers })
  t.same(unknown, {
    status: 406,
    headers: { 'content-type': json },
    body: {
      code: 'PGRST106',
      details: null,
      hint: 'Only the following schemas are exposed: public',
      message: 'Invalid schema: api',
    },
  })

  await stack.configure({ db_schemas: ['public', 'api'] })
  t.same(await ask(stack, 'place', undefined, { headers }), {
    status: 200,
    headers: { 'content-type': json, 'content-profile': 'api', 'content-range': '0-0/*' },
    body: [{ here: 'api, public' }],
  })
  t.match(await ask(stack, 'notes', undefined, { headers }), { status: 200, body: [] })
  t.equal((await ask(stack, 'notes', ann.token)).headers['content-profile'], 'public')
  const other = { 'accept-profile': 'auth' }
  t.match(await ask(stack, 'users', stack.serviceKey, { headers: other }), {
    status: 406,
    body: { code: 'PGRST106', hint: 'Only the following schemas are exposed: public, api' },
  })
})

t.test('a GET writes nothing, whatever a view does', async (t) => {
  await sql.unsafe(`
    create table visits (at timestamptz default now());
    create function visit() returns integer language sql volatile security definer
      as 'insert into visits default values returning 1';
    create view counted as select visit();
    grant select on counted to anon;
  `)
  t.match(await ask(stack, 'counted'), { status: 405, body: { code: '25006', details: null } })
  t.same(await sql`select * from visits`, [])
})
