// What /rest/v1 refuses and how: whole answers in PostgREST's form, and never a 500 for anything
// that a client sends.

import { randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import t from 'tap'
import { ask, createNotes, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql } = stack
await createNotes(sql)
const ann = await signUp(sql, 'ann@example.com')
const json = 'application/json; charset=utf-8'

t.test('names what is not there', async (t) => {
  const missing: [path: string, status: number, code: string, message: string][] = [
    ['nothing', 404, 'PGRST205', "Could not find the table 'public.nothing' in the schema cache"],
    ['a%2Fb', 404, 'PGRST205', "Could not find the table 'public.a/b' in the schema cache"],
    ['pg_class', 404, 'PGRST205', "Could not find the table 'public.pg_class' in the schema cache"],
    ['notes?select=foo', 400, '42703', 'column notes.foo does not exist'],
    ['notes?foo=eq.1', 400, '42703', 'column notes.foo does not exist'],
    ['notes?order=foo', 400, '42703', 'column notes.foo does not exist'],
    ['notes?select=ctid', 400, '42703', 'column notes.ctid does not exist'],
    ['notes?select="id;--"', 400, '42703', 'column notes.id;-- does not exist'],
    ['', 404, 'PGRST126', 'Root endpoint metadata is disabled'],
    ['notes/1', 404, 'PGRST125', 'Invalid path specified in request URL'],
    ['notes/', 404, 'PGRST125', 'Invalid path specified in request URL'],
    ['%FF', 404, 'PGRST125', 'Invalid path specified in request URL'],
  ]
  for (const [path, status, code, message] of missing) {
    t.same(
      await ask(stack, path, ann.token),
      {
        status,
        headers: { 'content-type': json },
        body: { code, details: null, hint: null, message },
      },
      path,
    )
  }
  t.same(await ask(stack, 'notes', ann.token, { body: { title: 'x', foo: 1 } }), {
    status: 400,
    headers: { 'content-type': json },
    body: {
      code: 'PGRST204',
      details: null,
      hint: null,
      message: "Could not find the 'foo' column of 'notes' in the schema cache",
    },
  })
  const columns = await ask(stack, 'notes?columns=foo', ann.token, { body: { title: 'x' } })
  t.match(columns, { status: 400, body: { code: 'PGRST204' } })
})

t.test('points at what it cannot read', async (t) => {
  const malformed: [query: string, message: string, details: string][] = [
    ['id=1', 'filter (1)" (line 1, column 1)', '"1" expecting "not" or operator (eq, gt, ...)'],
    [
      'id=noop.1',
      'filter (noop.1)" (line 1, column 1)',
      '"o" expecting "not" or operator (eq, gt, ...)',
    ],
    [
      'id=',
      'filter ()" (line 1, column 1)',
      'end of input expecting "not" or operator (eq, gt, ...)',
    ],
    [
      '=eq.1',
      'tree path ()" (line 1, column 1)',
      'end of input expecting field name (* or [a..z0..9_$])',
    ],
    [
      'i%3Bd=eq.1',
      'tree path (i;d)" (line 1, column 2)',
      `';' expecting letter, digit, "-", "->>", "->", delimiter (.) or end of input`,
    ],
    [
      'select=id,',
      'select parameter (id,)" (line 1, column 4)',
      'end of input expecting field name (* or [a..z0..9_$])',
    ],
    [
      'select=id title;',
      'select parameter (id title;)" (line 1, column 9)',
      `';' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input`,
    ],
    [
      'select="id',
      'select parameter ("id)" (line 1, column 1)',
      '""" expecting field name (* or [a..z0..9_$])',
    ],
    [
      'select=*id',
      'select parameter (*id)" (line 1, column 2)',
      `'i' expecting ")", "," or end of input`,
    ],
    [
      'order=',
      'order ()" (line 1, column 1)',
      'end of input expecting field name (* or [a..z0..9_$])',
    ],
    [
      'order=id.ascx',
      'order (id.ascx)" (line 1, column 7)',
      `'x' expecting delimiter (.), "," or end of input`,
    ],
    [
      'order=id.asc.nullslasttt',
      'order (id.asc.nullslasttt)" (line 1, column 17)',
      `'t' expecting "," or end of input`,
    ],
    [
      'order=id.ac',
      'order (id.ac)" (line 1, column 4)',
      '"c" expecting "asc", "desc", "nullsfirst" or "nullslast"',
    ],
    [
      'order=id.asc.nlsfst',
      'order (id.asc.nlsfst)" (line 1, column 8)',
      '"l" expecting "nullsfirst" or "nullslast"',
    ],
    [
      'or=()',
      'logic tree (())" (line 1, column 4)',
      '")" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)',
    ],
    ['or=)(', 'logic tree ()()" (line 1, column 3)', '")" expecting "("'],
    ['or=(id.in.1,2)', 'logic tree ((id.in.1,2))" (line 1, column 10)', '"1" expecting "("'],
    [
      'or=(id.eq.1',
      'logic tree ((id.eq.1)" (line 1, column 11)',
      'end of input expecting "," or ")"',
    ],
    [
      'and=(id.eq.1)x',
      'logic tree ((id.eq.1)x)" (line 1, column 13)',
      "'x' expecting end of input",
    ],
    [
      'id=is.5',
      'filter (is.5)" (line 1, column 4)',
      '"5" expecting isVal: (null, not_null, true, false, unknown)',
    ],
    ['id=is.nullx', 'filter (is.nullx)" (line 1, column 8)', "'x' expecting end of input"],
    ['id=in.(1,2', 'filter (in.(1,2)" (line 1, column 8)', 'end of input expecting "," or ")"'],
    ['id=not.x', 'filter (not.x)" (line 1, column 5)', '"x" expecting operator (eq, gt, ...)'],
    [
      'select=id::',
      'select parameter (id::)" (line 1, column 5)',
      'end of input expecting letter or digit',
    ],
    ['limit=x', 'limit (x)" (line 1, column 1)', '"x" expecting a number'],
    ['offset=1.5', 'offset (1.5)" (line 1, column 1)', '"1" expecting a number'],
  ]
  for (const [query, message, details] of malformed) {
    t.same(
      await ask(stack, `notes?${query}`, ann.token),
      {
        status: 400,
        headers: { 'content-type': json },
        body: {
          code: 'PGRST100',
          details: `unexpected ${details}`,
          hint: null,
          message: `"failed to parse ${message}`,
        },
      },
      query,
    )
  }
  for (const [query, details] of [
    ['limit=-1', 'Limit should be greater than or equal to zero.'],
    ['limit=2&offset=-5', 'Limit should be greater than or equal to zero.'],
    [
      '',
      'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
    ],
  ]) {
    const headers: Record<string, string> = query === '' ? { range: '1-0' } : {}
    t.same(await ask(stack, `notes?${query}`, ann.token, { headers }), {
      status: 416,
      headers: { 'content-type': json },
      body: { code: 'PGRST103', details, hint: null, message: 'Requested range not satisfiable' },
    })
  }
})

t.test('names what PostgREST can do and it cannot', async (t) => {
  const body = { title: 'x' }
  const prefer = (preference: string) => ({ headers: { prefer: preference } })
  const accept = (type: string) => ({ headers: { accept: type } })
  const sent = (type: string) => ({ headers: { 'content-type': type }, body: 'a' })
  const beyond: [path: string, details: string, more?: object][] = [
    ['notes?title=fts.x', 'The operator fts'],
    ['notes?title=not.wfts(english).x', 'The operator wfts(english)'],
    ['notes?title=match.x', 'The operator match'],
    ['notes?id=eq(any).{1}', 'The operator eq(any)'],
    ['notes?or=(id.eq.1,title.plfts.x)', 'The operator plfts'],
    ['notes?select=data->a', 'JSON paths in select: data->a'],
    ['notes?select=id,users(email)', 'Embedded tables and aggregates in select: id,users(email)'],
    ['notes?select=...users(email)', 'Embedded tables in select: ...users(email)'],
    ['notes?select=users!inner(id)', 'Embedded tables in select: users!inner(id)'],
    ['notes?select=id.max()', 'Aggregates in select: id.max()'],
    ['notes?select=count()', 'Embedded tables and aggregates in select: count()'],
    ['notes?select=id::regclass', 'Casts to regclass'],
    ['notes?order=users(id)', 'Embedded tables in order: users(id)'],
    ['notes?order=data->a', 'JSON paths in order: data->a'],
    ['notes?users.id=eq.1', 'Filters on embedded tables: users.id'],
    ['notes?users.order=id', 'Filters on embedded tables: users.order'],
    ['notes?users.or=(id.eq.1)', 'Filters on embedded tables: users.or'],
    ['notes?data->a=eq.1', 'JSON paths in filters: data->a'],
    ['notes?columns=id', 'The parameter columns on GET'],
    ['notes', 'The preference count=planned', prefer('count=planned')],
    ['notes', 'The preference count=estimated', prefer('count=estimated')],
    ['notes', 'The preference missing=default', { ...prefer('missing=default'), body }],
    ['notes', 'The preference tx=rollback', { ...prefer('tx=rollback'), body }],
    ['notes', 'The preference max-affected=1', prefer('return=minimal,max-affected=1')],
    ['notes', 'The preference timezone=UTC', prefer('timezone=UTC')],
    [
      'notes',
      'The media type parameter nulls=stripped',
      accept('application/vnd.pgrst.array+json;nulls=stripped'),
    ],
    ['notes', 'The media type text/csv', accept('text/csv')],
    ['notes', 'The media type application/geo+json', accept('application/geo+json')],
    [
      'notes',
      'The media type application/vnd.pgrst.plan+json',
      accept('application/vnd.pgrst.plan+json; for="application/json"'),
    ],
    ['notes?on_conflict=id', 'The parameter on_conflict on GET'],
    ['notes?id=eq.1', 'The parameter id on POST', { body }],
    ['notes?limit=1', 'The parameter limit on POST', { body }],
    ['notes?limit=1', 'The parameter limit on DELETE', { method: 'DELETE' }],
    ['notes?id=eq.1&offset=1', 'The parameter offset on PATCH', { method: 'PATCH', body }],
    ['notes?id=eq.1', 'The method PUT', { method: 'PUT', body }],
    ['notes', 'The Content-Type text/csv', sent('text/csv')],
    ['rpc/f', 'The Content-Type text/plain', sent('text/plain')],
    [
      'rpc/f',
      'The Content-Type application/x-www-form-urlencoded',
      sent('application/x-www-form-urlencoded; charset=utf-8'),
    ],
  ]
  const hint = 'PostgREST can do it: set POSTGREST_URL, as docs/postgrest.md describes.'
  for (const [path, details, more] of beyond) {
    t.same(
      await ask(stack, path, ann.token, more),
      {
        status: 400,
        headers: { 'content-type': json },
        body: { code: 'PGRST127', details, hint, message: 'Feature not implemented' },
      },
      details,
    )
  }
})

t.test('names a method that is none', async (t) => {
  const methods: [method: string, path: string, code: string, message: string][] = [
    ['SEARCH', 'notes', 'PGRST117', 'Unsupported HTTP method: SEARCH'],
    ['PATCH', 'rpc/f', 'PGRST101', 'Cannot use the PATCH method on RPC'],
    ['DELETE', 'rpc/f', 'PGRST101', 'Cannot use the DELETE method on RPC'],
    ['PUT', 'rpc/f', 'PGRST101', 'Cannot use the PUT method on RPC'],
  ]
  for (const [method, path, code, message] of methods) {
    t.same(await ask(stack, path, ann.token, { method }), {
      status: 405,
      headers: { 'content-type': json },
      body: { code, details: null, hint: null, message },
    })
  }
})

t.test('refuses a body that is no rows', async (t) => {
  const invalid = 'Empty or invalid json'
  const mismatch = 'All object keys must match'
  const bodies: [body: string | Blob, message: string][] = [
    ['', invalid],
    ['{"title":', invalid],
    ['{"title": "a\u0000b"}', invalid],
    [new Blob([new Uint8Array([0x22, 0xff, 0x22])]), invalid],
    ['1', mismatch],
    ['null', mismatch],
    ['[1]', mismatch],
    ['[{"title":"x"},[]]', mismatch],
    ['[{"title":"x"},{"title":"y","stars":1}]', mismatch],
    ['[{"title":"x"},{"stars":1}]', mismatch],
  ]
  for (const [body, message] of bodies) {
    t.same(await ask(stack, 'notes', ann.token, { body }), {
      status: 400,
      headers: { 'content-type': json },
      body: { code: 'PGRST102', details: null, hint: null, message },
    })
  }
  const headers = { 'content-type': 'text/plain' }
  t.match(await ask(stack, 'notes', ann.token, { headers, body: '{}' }), {
    status: 400,
    body: { code: 'PGRST102', message: 'Content-Type not acceptable: text/plain' },
  })
  t.same(await sql`select from notes`, [])
})

t.test('refuses an answer that it cannot give', async (t) => {
  t.same(await ask(stack, 'notes', ann.token, { headers: { accept: 'text/html, image/png' } }), {
    status: 406,
    headers: { 'content-type': json },
    body: {
      code: 'PGRST107',
      details: null,
      hint: null,
      message: 'None of these media types are available: text/html, image/png',
    },
  })
  t.match(await ask(stack, 'notes', ann.token, { headers: { prefer: 'odd' } }), { status: 200 })
  t.same(await ask(stack, 'notes', ann.token, { headers: { prefer: 'odd, handling=strict' } }), {
    status: 400,
    headers: { 'content-type': json },
    body: {
      code: 'PGRST122',
      details: 'Invalid preferences: odd',
      hint: null,
      message: 'Invalid preferences given with handling=strict',
    },
  })
})

t.test('believes no token that is not good', async (t) => {
  const [key] = await sql<{ secret: string }[]>`
    select secret from auth_private.signing_keys where status = 'in_use'
  `
  const secret = new TextEncoder().encode(key?.secret)
  const sign = (claims: Record<string, unknown>, by = secret) =>
    new SignJWT({ role: 'authenticated', ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(by)
  const past = Math.floor(Date.now() / 1000) - 600
  const other = new Uint8Array(32).fill(1)
  const noKey = 'None of the keys was able to decode the JWT'

  const tokens: [token: string, code: string, message: string, details?: string][] = [
    [await sign({ exp: past }), 'PGRST303', 'JWT expired'],
    [await sign({ nbf: past + 1200 }), 'PGRST303', 'JWT not yet valid'],
    [await sign({ exp: 'soon' }), 'PGRST303', 'Parsing claims failed'],
    [await sign({}, other), 'PGRST301', 'No suitable key or wrong key type', noKey],
    ['e30.e30', 'PGRST301', 'Expected 3 parts in JWT; got 2'],
    ['a.b.c', 'PGRST301', 'JWT cryptographic operation failed'],
    ['', 'PGRST301', 'Empty JWT is sent in Authorization header'],
  ]
  for (const [token, code, message, details = null] of tokens) {
    t.same(await ask(stack, 'notes', token), {
      status: 401,
      headers: {
        'content-type': json,
        'www-authenticate': `Bearer error="invalid_token", error_description="${message}"`,
      },
      body: { code, details, hint: null, message },
    })
  }
  const key3 = await ask(stack, 'notes', undefined, { headers: { apikey: 'publishable' } })
  t.match(key3, { status: 401, body: { message: 'Expected 3 parts in JWT; got 1' } })
  t.same(await ask(stack, 'notes', await sign({ role: 'postgres' })), {
    status: 403,
    headers: { 'content-type': json },
    body: {
      code: 'PT403',
      details: 'bad_jwt',
      hint: null,
      message: 'invalid claim: role claim must name a role that requests may run as',
    },
  })
})

t.test('a lack of rights is 401 without a user and 403 with one', async (t) => {
  await sql`create table closed (id integer)`
  const body = {
    code: '42501',
    details: null,
    hint: null,
    message: 'permission denied for table closed',
  }
  for (const token of [undefined, stack.anonKey]) {
    t.same(await ask(stack, 'closed', token), {
      status: 401,
      headers: { 'content-type': json, 'www-authenticate': 'Bearer' },
      body,
    })
  }
  t.same(await ask(stack, 'closed', ann.token), {
    status: 403,
    headers: { 'content-type': json },
    body,
  })
})

t.test('nothing that a client sends is a 500', async (t) => {
  await sql.unsafe(`
    create table things (id integer, data jsonb, text json, list integer[], name text, at timestamptz,
      big bigint, here point, constraint things_name unique (name));
    create view total as select count(*) from things;
    create materialized view frozen as select 1 as id;
    grant select, insert on things, total, frozen to anon;
  `)
  const deep = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000)
  const many = (item: string) => Array(1001).fill(item)
  const long = randomBytes(8000).toString('hex')
  const odd: [path: string, status: number, code: string, more?: object][] = [
    ['things?id=eq.x', 400, '22P02'],
    ['things?id=eq.99999999999999999999', 400, '22003'],
    ['things?limit=99999999999999999999', 400, '22003'],
    ['things?at=eq.infinitely', 400, '22007'],
    ['things?data=eq.{', 400, '22P02'],
    ['things?list=eq.{', 400, '22P02'],
    ['things?text=eq.{}', 404, '42883'],
    ['things?here=eq.(1,2)', 404, '42883'],
    ['things?name=eq.%00', 400, '22021'],
    ['things?select=%00', 400, 'PGRST100'],
    ['th%00ings', 400, '22P05'],
    ['things', 400, '22P05', { body: '{"name":"\\u0000"}' }],
    ['things', 400, '22P02', { body: '{"name":"\\ud800"}' }],
    ['things', 400, '22P05', { body: '{"data":{"\\u0000":1}}' }],
    ['things', 400, '54001', { body: `{"data":${deep('[', ']')}}` }],
    ['things', 400, '54001', { body: `{"text":${deep('{"a":', '}').replace('}', '1}')}}` }],
    ['things', 400, '22P02', { body: '{"big":1e400}' }],
    ['things', 400, '22P02', { body: '{"list":[[1],2]}' }],
    ['things', 400, '54000', { body: `{"list":${'['.repeat(9)}1${']'.repeat(9)}}` }],
    ['things', 400, '54000', { body: { name: long } }],
    ['total', 400, '55000', { body: { count: 1 } }],
    ['frozen', 400, '42809', { body: { id: 1 } }],
    ['things?columns=id', 400, '22023', { body: '[1]' }],
    [`things?select=${many('id').join()}`, 400, 'PGRST100'],
    [`things?order=${many('id').join()}`, 400, 'PGRST100'],
    [`things?${many('id=eq.1').join('&')}`, 400, 'PGRST100'],
    [`things?select=${'('.repeat(5000)}`, 400, 'PGRST100'],
    [`things?select=${'"'.repeat(5001)}`, 400, 'PGRST100'],
    [`things?select=${'a:'.repeat(5000)}`, 400, 'PGRST100'],
    [`things?select=${'a-'.repeat(5000)}`, 400, 'PGRST100'],
    ['things?select=id&select=name', 400, 'PGRST100'],
    [`things?select=${'x'.repeat(5000)}`, 400, '42703'],
    [`things?name=eq.${'x'.repeat(10_000)}&limit=0&select=${'x'.repeat(100)}:id`, 200, ''],
  ]
  for (const [path, status, code, more] of odd) {
    const answer = await ask(stack, path, undefined, more)
    const found = [answer.status, (answer.body as { code?: string }).code ?? '']
    t.same(found, [status, code], `${path.slice(0, 60)} ${JSON.stringify(more ?? '').slice(0, 60)}`)
  }
})

t.test('a request that is cut off is told so', async (t) => {
  await sql.unsafe(`
    create view slow as select pg_sleep(60)::text;
    grant select on slow to anon;
  `)
  const asked = ask(stack, 'slow')
  let cut: readonly unknown[] = []
  while (cut.length === 0) {
    cut = await sql`
      select pg_cancel_backend(pid)
      from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'
    `
  }
  t.same(await asked, {
    status: 504,
    headers: { 'content-type': json },
    body: {
      code: '57014',
      details: null,
      hint: null,
      message: 'Processing this request timed out, please retry after a moment.',
    },
  })
})
