// Inserting through /rest/v1: whole answers, and what is in the table afterwards.

import t from 'tap'
import { ask, createNotes, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql } = stack
await createNotes(sql)
const ann = await signUp(sql, 'ann@example.com')
const bob = await signUp(sql, 'bob@example.org')
const json = 'application/json; charset=utf-8'
const object = 'application/vnd.pgrst.object+json'
const whole = { prefer: 'return=representation' }

t.beforeEach(() => sql`truncate notes restart identity`)

t.test('a signed-in user inserts a row of hers', async (t) => {
  t.same(await ask(stack, 'notes', ann.token, { body: { title: 'Milk', stars: 3 } }), {
    status: 201,
    headers: { 'content-range': '*/*' },
    body: null,
  })
  t.same(await sql`select user_id, title, stars from notes`, [
    { user_id: ann.id, title: 'Milk', stars: 3 },
  ])
})

t.test('answers with the rows if that is preferred', async (t) => {
  const body = [{ title: 'Milk' }, { title: 'Bread' }]
  t.same(await ask(stack, 'notes?select=id,name:title', ann.token, { headers: whole, body }), {
    status: 201,
    headers: {
      'content-type': json,
      'content-range': '*/*',
      'preference-applied': 'return=representation',
    },
    body: [
      { id: 1, name: 'Milk' },
      { id: 2, name: 'Bread' },
    ],
  })
  const minimal = { prefer: 'return=minimal, handling=strict' }
  t.same(await ask(stack, 'notes', ann.token, { headers: minimal, body: { title: 'Salt' } }), {
    status: 201,
    headers: { 'content-range': '*/*', 'preference-applied': 'return=minimal, handling=strict' },
    body: null,
  })
})

t.test('answers with one object if that is asked for, else inserts nothing', async (t) => {
  const headers = { ...whole, accept: object }
  const one = await ask(stack, 'notes', ann.token, { headers, body: { title: 'Milk' } })
  t.same(one, {
    status: 201,
    headers: {
      'content-type': `${object}; charset=utf-8`,
      'content-range': '*/*',
      'preference-applied': 'return=representation',
    },
    body: { id: 1, user_id: ann.id, title: 'Milk', stars: null },
  })

  for (const body of [[{ title: 'Bread' }, { title: 'Salt' }], []]) {
    const more = await ask(stack, 'notes', ann.token, { headers: { accept: object }, body })
    t.same(more, {
      status: 406,
      headers: { 'content-type': json },
      body: {
        code: 'PGRST116',
        details: `The result contains ${body.length} rows`,
        hint: null,
        message: 'Cannot coerce the result to a single JSON object',
      },
    })
  }
  t.same(await sql`select title from notes`, [{ title: 'Milk' }])
})

t.test('inserts the columns that are named, and null where a row lacks one', async (t) => {
  const path = 'notes?columns="title",stars&select=title,stars'
  const body = [{ title: 'Milk', stars: 1, other: true }, { title: 'Bread' }]
  t.match(await ask(stack, path, ann.token, { headers: whole, body }), {
    status: 201,
    body: [
      { title: 'Milk', stars: 1 },
      { title: 'Bread', stars: null },
    ],
  })
})

t.test('takes defaults for empty objects, and an empty array for nothing', async (t) => {
  await sql.unsafe(`
    create table counters (id integer generated always as identity, at date default '2026-01-01');
    grant select, insert on counters to anon;
  `)
  const counters: [body: unknown, answer: unknown][] = [
    [{}, [{ id: 1, at: '2026-01-01' }]],
    [
      [{}, {}],
      [
        { id: 2, at: '2026-01-01' },
        { id: 3, at: '2026-01-01' },
      ],
    ],
    [[], []],
  ]
  for (const [body, answer] of counters) {
    t.match(await ask(stack, 'counters', undefined, { headers: whole, body }), {
      status: 201,
      body: answer,
    })
  }
  t.equal((await sql`select from counters`).length, 3)
})

t.test('keeps every digit and every type as it is sent', async (t) => {
  await sql.unsafe(`
    create table things (big bigint, exact numeric, text json, data jsonb, list text[], fixed char(3),
      bits bit(3), "odd ""name" text);
    grant select, insert on things to anon;
  `)
  const sent =
    '{"big":9007199254740993,"exact":0.10000000000000000001,"text":{"b":1, "a":2},' +
    '"data":[null],"list":["a,b","\\u00e9"],"fixed":"ab","bits":"101","odd \\"name":"x"}'
  await ask(stack, 'things', undefined, { body: sent })
  const stored = await fetch(`${stack.api}/rest/v1/things`)
  t.equal(
    await stored.text(),
    '[{"big":9007199254740993,"exact":0.10000000000000000001,"text":{"b":1, "a":2},' +
      '"data":[null],"list":["a,b","é"],"fixed":"ab ","bits":"101","odd \\"name":"x"}]',
  )
})

t.test('needs no right to read what it does not answer with', async (t) => {
  await sql.unsafe(`
    create table letters (body text);
    alter table letters enable row level security;
    create policy write on letters for insert to anon with check (true);
    grant insert on letters to anon;
  `)
  const body = { body: 'hello' }
  t.equal((await ask(stack, 'letters', undefined, { body })).status, 201)
  t.match(await ask(stack, 'letters', undefined, { headers: whole, body }), {
    status: 401,
    body: { code: '42501', message: 'permission denied for table letters' },
  })
  t.same(await sql`select body from letters`, [{ body: 'hello' }])
})

t.test('a constraint is an answer, and tells nothing of other rows', async (t) => {
  await sql`insert into notes (user_id, title) values (${ann.id}, 'Milk')`
  const refused: [body: unknown, status: number, code: string, message: string][] = [
    [
      { title: 'Milk' },
      409,
      '23505',
      'duplicate key value violates unique constraint "notes_title_key"',
    ],
    [
      { title: null },
      400,
      '23502',
      'null value in column "title" of relation "notes" violates not-null constraint',
    ],
    [
      { title: 'Salt', user_id: bob.id },
      403,
      '42501',
      'new row violates row-level security policy for table "notes"',
    ],
    [{ title: 'Salt', stars: 'x' }, 400, '22P02', 'invalid input syntax for type integer: "x"'],
  ]
  for (const [body, status, code, message] of refused) {
    t.same(await ask(stack, 'notes', ann.token, { body }), {
      status,
      headers: { 'content-type': json },
      body: { code, details: null, hint: null, message },
    })
  }
})

t.test('a constraint that is checked at the end is an answer, too', async (t) => {
  await sql.unsafe(`
    create table pages (
      id integer primary key,
      next integer references pages deferrable initially deferred
    );
    grant insert, select on pages to anon;
  `)
  const circle = [
    { id: 1, next: 2 },
    { id: 2, next: 1 },
  ]
  t.equal((await ask(stack, 'pages', undefined, { body: circle })).status, 201)
  t.match(await ask(stack, 'pages', undefined, { body: { id: 3, next: 4 } }), {
    status: 409,
    body: { code: '23503', details: null },
  })
  t.same(await sql`select id from pages order by id`, [{ id: 1 }, { id: 2 }])
})

t.test('a trigger chooses its refusal, or status and headers of the answer', async (t) => {
  await sql.unsafe(`
    create table orders (what text);
    grant insert on orders to anon;
    create function refuse() returns trigger language plpgsql as $$
    begin
      case new.what
        when 'plain' then
          raise 'No' using detail = 'why', hint = 'what now';
        when 'status' then
          raise sqlstate 'PT402' using message = 'Pay', detail = 'first';
        when 'strange' then
          raise sqlstate 'PT999' using message = 'Hm';
        when 'answer' then
          raise sqlstate 'PGRST' using message = '{"code": "1", "message": "m", "details": "d"}',
            detail = '{"status": 418, "headers": {"x-tea": "pot"}}';
        when 'broken' then
          raise sqlstate 'PGRST' using message = 'm';
        else
          perform set_config('response.status', '202', true);
          perform set_config('response.headers', '[{"content-range": "0-0/1"}]', true);
      end case;
      return new;
    end
    $$;
    create trigger refuse before insert on orders for each row execute function refuse();
  `)
  const hidden = 'Unexpected failure, please check server logs for more information'
  const broken = {
    code: 'PGRST121',
    details: "Invalid JSON value for MESSAGE: 'm'",
    hint: "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
    message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`,
  }
  const answers: [what: string, status: number, body: unknown][] = [
    ['plain', 400, { code: 'P0001', details: 'why', hint: 'what now', message: 'No' }],
    ['status', 402, { code: 'PT402', details: 'first', hint: null, message: 'Pay' }],
    ['strange', 500, { code: 'PT999', details: null, hint: null, message: hidden }],
    ['answer', 418, { code: '1', details: 'd', hint: null, message: 'm' }],
    ['broken', 500, broken],
  ]
  for (const [what, status, body] of answers) {
    t.same(await ask(stack, 'orders', undefined, { body: { what } }), {
      status,
      headers: { 'content-type': json },
      body,
    })
  }
  t.same(await ask(stack, 'orders', undefined, { body: { what: 'ok' } }), {
    status: 202,
    headers: { 'content-range': '0-0/1' },
    body: null,
  })
})

t.test('inserts through a view by the profile of the content', async (t) => {
  await sql.unsafe(`
    create schema api;
    create view api.mine as select id, title from public.notes;
    grant usage on schema api to authenticated;
    grant select, insert on api.mine to authenticated;
  `)
  await stack.configure({ db_schemas: ['public', 'api'] })
  const headers = { ...whole, 'content-profile': 'api' }
  t.same(await ask(stack, 'mine', ann.token, { headers, body: { title: 'Milk' } }), {
    status: 201,
    headers: {
      'content-type': json,
      'content-profile': 'api',
      'content-range': '*/*',
      'preference-applied': 'return=representation',
    },
    body: [{ id: 1, title: 'Milk' }],
  })
})
