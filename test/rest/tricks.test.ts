// Attempts on /rest/v1: SQL in every place where a client can put text, and questions about what
// the role may not see. None runs, none is a 500, and nothing changes.

import t from 'tap'
import { ask, createNotes, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql } = stack
await createNotes(sql)
const ann = await signUp(sql, 'ann@example.com')
await sql`insert into notes (user_id, title, stars) values (${ann.id}, 'Milk', 3)`
await sql.unsafe(`
  create table secrets (word text);
  insert into secrets values ('swordfish');
  create function say(word text) returns text language sql stable as 'select word';
  create function constructor(x text) returns text language sql stable as 'select x';
  create table constructor (id integer, "toString" text, __proto__ text);
  insert into constructor values (1, 'a', 'b');
  grant select, insert, update on constructor to anon, authenticated;
`)

const tricks = [
  "'",
  '"',
  "'; drop table notes; --",
  '"; drop table notes; --',
  "') or ('1'='1",
  ') or (1=1',
  '1); delete from notes; --',
  "x' union select word from secrets --",
  '$1',
  '${1}',
  '$$; select 1; $$',
  'id" from notes; select word as "x',
  '*/ select /*',
  '\\',
  "\\'; select pg_sleep(9) --",
  'pg_catalog.pg_sleep(9)',
  '(select word from secrets)',
  '{"a":1}',
  '{{{{',
  '%s%I%L',
  'null',
  'a\nb',
  'a\u0000b',
  '\u202e\ufeff',
  'ａ＇',
  '__proto__',
  'constructor',
]

/** Every place for text, as a request that has it there. */
const places: Record<string, (text: string) => Parameters<typeof ask>[3] & { path: string }> = {
  table: (x) => ({ path: encodeURIComponent(x) }),
  function: (x) => ({ path: `rpc/${encodeURIComponent(x)}` }),
  'select column': (x) => ({ path: `notes?select=${encodeURIComponent(x)}` }),
  'quoted column': (x) => ({
    path: `notes?select=${encodeURIComponent(`"${x.replace(/["\\]/g, '\\$&')}"`)}`,
  }),
  alias: (x) => ({
    path: `notes?select=${encodeURIComponent(`"${x.replace(/["\\]/g, '\\$&')}":id`)}`,
  }),
  cast: (x) => ({ path: `notes?select=id::${encodeURIComponent(x)}` }),
  'filter column': (x) => ({ path: `notes?${encodeURIComponent(x)}=eq.1` }),
  operator: (x) => ({ path: `notes?id=${encodeURIComponent(x)}.1` }),
  'text value': (x) => ({ path: `notes?title=eq.${encodeURIComponent(x)}` }),
  'number value': (x) => ({ path: `notes?id=eq.${encodeURIComponent(x)}` }),
  pattern: (x) => ({ path: `notes?title=like.${encodeURIComponent(x)}` }),
  is: (x) => ({ path: `notes?id=is.${encodeURIComponent(x)}` }),
  list: (x) => ({ path: `notes?title=in.(${encodeURIComponent(x)})` }),
  tree: (x) => ({ path: `notes?or=(${encodeURIComponent(x)})` }),
  'tree value': (x) => ({ path: `notes?or=(title.eq.${encodeURIComponent(x)},id.eq.0)` }),
  order: (x) => ({ path: `notes?order=${encodeURIComponent(x)}` }),
  limit: (x) => ({ path: `notes?limit=${encodeURIComponent(x)}` }),
  offset: (x) => ({ path: `notes?offset=${encodeURIComponent(x)}` }),
  columns: (x) => ({ path: `notes?columns=${encodeURIComponent(x)}`, body: { title: 'x' } }),
  on_conflict: (x) => ({
    path: `notes?on_conflict=${encodeURIComponent(x)}`,
    body: { id: 1, title: 'Milk' },
    headers: { prefer: 'resolution=ignore-duplicates' },
  }),
  'key of a row': (x) => ({ path: 'notes', body: { [x]: 'x' } }),
  'key of an update': (x) => ({ path: 'notes?id=eq.0', method: 'PATCH', body: { [x]: 'x' } }),
  'value of an update': (x) => ({
    path: 'notes?id=eq.0&select=title',
    method: 'PATCH',
    body: { title: x },
  }),
  'filter of a delete': (x) => ({
    path: `notes?title=eq.${encodeURIComponent(x)}`,
    method: 'DELETE',
  }),
  'argument name': (x) => ({ path: `rpc/say?${encodeURIComponent(x)}=1` }),
  'argument value': (x) => ({ path: `rpc/say?word=${encodeURIComponent(x)}` }),
  'argument in the body': (x) => ({ path: 'rpc/say', body: { word: x } }),
  'key of an argument': (x) => ({ path: 'rpc/say', body: { [x]: 'x' } }),
  profile: (x) => ({ path: 'notes', headers: { 'accept-profile': header(x) } }),
  accept: (x) => ({ path: 'notes', headers: { accept: header(x) } }),
  prefer: (x) => ({ path: 'notes', headers: { prefer: `handling=strict, ${header(x)}` } }),
  range: (x) => ({ path: 'notes', headers: { range: header(x) } }),
}

/** What of a text can stand in a header. */
function header(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').trim() || 'x'
}

t.test('SQL is text, wherever it stands', async (t) => {
  const before = await sql`select * from notes`
  for (const [place, request] of Object.entries(places)) {
    const seen = new Set<number>()
    for (const trick of tricks) {
      const { path, ...more } = request(trick)
      const answer = await ask(stack, path, ann.token, more)
      seen.add(answer.status)
      const said = JSON.stringify(answer.body)
      const asked = `${place}: ${JSON.stringify(trick)} gave ${answer.status} ${said}`
      t.ok(answer.status < 500, asked)
      t.notMatch(said ?? '', 'swordfish', asked)
      if (answer.status >= 400) {
        t.notMatch((answer.body as { code: string }).code, /^(42601|XX000|PGRSTX00)$/, asked)
      }
    }
    t.ok(seen.size > 0, place)
  }
  t.same(await sql`select * from notes`, before)
})

t.test('a value that looks like SQL is found as it is', async (t) => {
  const kept = tricks.filter((trick) => !trick.includes('\0'))
  for (const trick of kept) {
    const answer = await ask(stack, `rpc/say`, undefined, { body: { word: trick } })
    t.same([answer.status, answer.body], [200, trick])
  }
})

t.test('names that JavaScript has are names like any other', async (t) => {
  t.same((await ask(stack, 'constructor?toString=eq.a&__proto__=eq.b')).body, [
    { id: 1, toString: 'a', ...JSON.parse('{"__proto__":"b"}') },
  ])
  t.same((await ask(stack, 'rpc/constructor?x=y')).body, 'y')
  t.match(await ask(stack, 'notes?constructor=eq.1', ann.token), { body: { code: '42703' } })
  const body = '{"__proto__":"x"}'
  t.equal((await ask(stack, 'constructor', undefined, { body })).status, 201)
})

t.test('what is not exposed is not there, whoever asks', async (t) => {
  for (const token of [undefined, ann.token, stack.serviceKey]) {
    const hidden = [
      'users',
      'auth.users',
      'auth%2Eusers',
      '%22auth%22.%22users%22',
      'settings',
      'auth_private.settings',
      'pg_authid',
      'pg_catalog.pg_authid',
      'information_schema.tables',
      '..%2fauth%2fusers',
      'rpc/signin',
      'rpc/auth.signin',
      'rpc/pg_read_file',
      'rpc/pg_sleep',
      'rpc/set_config',
      'rpc/dblink',
    ]
    for (const path of hidden) {
      const answer = await ask(stack, path, token)
      t.equal(answer.status, 404, path)
    }
    for (const profile of ['auth', 'auth_private', 'pg_catalog', 'information_schema', 'pg_temp']) {
      const headers = { 'accept-profile': profile }
      t.match(await ask(stack, 'users', token, { headers }), {
        status: 406,
        body: { code: 'PGRST106', message: `Invalid schema: ${profile}` },
      })
    }
  }
})

t.test('what a role may not see stays unseen, also by way of errors', async (t) => {
  await sql.unsafe(`
    create table partly (id integer primary key, open text, hidden text unique);
    insert into partly values (1, 'a', 'h');
    grant select (id, open), insert, update (open), delete on partly to authenticated;
  `)
  const bob = await signUp(sql, 'bob@example.org')
  const denied: [path: string, more?: object][] = [
    ['secrets'],
    ['secrets?word=like.s*'],
    ['partly'],
    ['partly?select=hidden'],
    ['partly?select=id&hidden=eq.h'],
    ['partly?select=id&order=hidden'],
    ['partly?select=id&or=(id.eq.9,hidden.eq.h)'],
    ['partly?id=eq.1', { method: 'PATCH', body: { hidden: 'x' } }],
    ['partly?hidden=eq.h', { method: 'DELETE' }],
    [
      'partly?id=eq.1',
      { method: 'PATCH', body: { open: 'x' }, headers: { prefer: 'return=representation' } },
    ],
  ]
  for (const [path, more] of denied) {
    t.match(await ask(stack, path, bob.token, more), { status: 403, body: { code: '42501' } }, path)
  }
  t.match(await ask(stack, 'partly?select=id,open', bob.token), { status: 200 })
  const twice = await ask(stack, 'partly', bob.token, { body: { id: 2, hidden: 'h' } })
  t.match(twice, { status: 409, body: { code: '23505', details: null } })

  const counted = { headers: { prefer: 'count=exact' } }
  t.match(await ask(stack, 'notes', bob.token, counted), {
    headers: { 'content-range': '*/0' },
    body: [],
  })
  t.match(await ask(stack, 'notes?offset=5', bob.token, counted), {
    status: 416,
    headers: { 'content-range': '*/0' },
  })
})

t.test('a token that was signed out learns nothing', async (t) => {
  const eve = await signUp(sql, 'eve@example.com')
  await fetch(`${stack.api}/auth/v1/logout`, {
    method: 'POST',
    headers: { authorization: `Bearer ${eve.token}` },
  })
  const requests: [path: string, more?: object][] = [
    ['notes'],
    ['nothing'],
    ['notes?select=nothing'],
    ['notes', { body: { title: 'x' } }],
    ['notes?id=eq.1', { method: 'PATCH', body: { title: 'x' } }],
    ['notes?id=eq.1', { method: 'DELETE' }],
    ['rpc/say?word=x'],
    ['rpc/nothing', { body: {} }],
  ]
  for (const [path, more] of requests) {
    t.match(
      await ask(stack, path, eve.token, more),
      { status: 403, body: { code: 'PT403', details: 'session_not_found' } },
      path,
    )
  }
})

t.test('nests as deep and is as long as a request can be', async (t) => {
  const deep = (n: number) => `${'and('.repeat(n)}id.eq.1${')'.repeat(n)}`
  const long: [path: string, status: number][] = [
    [`notes?or=(${deep(900)})`, 200],
    [`notes?or=(${deep(1100)})`, 400],
    [`notes?or=(${'not.and('.repeat(500)}id.eq.1${')'.repeat(500)})`, 200],
    [`notes?or=(${Array(999).fill('id.eq.1').join()})`, 200],
    [`notes?or=(${Array(1001).fill('id.eq.1').join()})`, 400],
    [`notes?id=in.(${Array(1000).fill('1').join()})`, 200],
    [`notes?or=${'('.repeat(5000)}`, 400],
    [`notes?title=in.(${'"'.repeat(3001)})`, 200],
    [`notes?title=cs.${'{'.repeat(3000)}`, 404],
  ]
  for (const [path, status] of long) {
    t.equal((await ask(stack, path, ann.token)).status, status, path.slice(0, 40))
  }
})
