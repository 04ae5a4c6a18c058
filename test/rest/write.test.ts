// Updating, deleting and upserting through /rest/v1: whole answers, and what is in the table then.

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
const patch = (body: unknown, headers = {}) => ({ method: 'PATCH', body, headers })
const remove = (headers = {}) => ({ method: 'DELETE', headers })

t.beforeEach(async () => {
  await sql`truncate notes restart identity`
  await sql`
    insert into notes (user_id, title, stars)
    values (${ann.id}, 'Milk', 3), (${ann.id}, 'Bread', null), (${bob.id}, 'Tea', 1)
  `
})
const titles = async () =>
  (await sql`select title, stars from notes order by id`).map(({ title, stars }) => [title, stars])

t.test('updates the rows that are hers and meet the filter', async (t) => {
  t.same(await ask(stack, 'notes?id=in.(1,3)', ann.token, patch({ stars: 5 })), {
    status: 204,
    headers: { 'content-range': '0-0/*' },
    body: null,
  })
  t.same(await titles(), [
    ['Milk', 5],
    ['Bread', null],
    ['Tea', 1],
  ])
})

t.test('answers an update with the rows if that is preferred', async (t) => {
  const prefer = { prefer: 'return=representation, count=exact' }
  const path = 'notes?or=(id.eq.1,id.eq.2)&select=id,name:title,stars::text&order=id.desc'
  t.same(await ask(stack, path, ann.token, patch({ stars: 4 }, prefer)), {
    status: 200,
    headers: {
      'content-type': json,
      'content-range': '0-1/2',
      'preference-applied': 'return=representation, count=exact',
    },
    body: [
      { id: 2, name: 'Bread', stars: '4' },
      { id: 1, name: 'Milk', stars: '4' },
    ],
  })
  const minimal = { prefer: 'return=minimal, count=exact' }
  t.same(await ask(stack, 'notes?id=eq.3', ann.token, patch({ stars: 4 }, minimal)), {
    status: 204,
    headers: { 'content-range': '*/0', 'preference-applied': 'return=minimal, count=exact' },
    body: null,
  })
})

t.test('an update of nothing, with nothing, or of more than was asked for', async (t) => {
  t.match(await ask(stack, 'notes?id=eq.9', ann.token, patch({ stars: 4 }, whole)), {
    status: 200,
    headers: { 'content-range': '*/*' },
    body: [],
  })
  t.match(await ask(stack, 'notes?id=eq.1&select=id', ann.token, patch({}, whole)), {
    status: 200,
    body: [],
  })
  t.match(await ask(stack, 'notes?id=eq.1', ann.token, patch({})), { status: 204, body: null })
  const singular = { ...whole, accept: object }
  t.match(await ask(stack, 'notes', ann.token, patch({ stars: 4 }, singular)), {
    status: 406,
    body: { code: 'PGRST116', details: 'The result contains 2 rows' },
  })
  t.match(await ask(stack, 'notes?id=eq.1', ann.token, patch({ stars: 4 }, singular)), {
    status: 200,
    headers: { 'content-type': `${object}; charset=utf-8` },
    body: { id: 1, stars: 4 },
  })
  t.same(await titles(), [
    ['Milk', 4],
    ['Bread', null],
    ['Tea', 1],
  ])
})

t.test('an update keeps to the columns that are named, and to the policies', async (t) => {
  const more = patch({ stars: 2, title: 'Other' })
  t.equal((await ask(stack, 'notes?id=eq.1&columns=stars', ann.token, more)).status, 204)
  const refused: [path: string, body: object, status: number, code: string][] = [
    ['notes?id=eq.1', { foo: 1 }, 400, 'PGRST204'],
    ['notes?id=eq.1&columns=foo', { stars: 1 }, 400, 'PGRST204'],
    ['notes?id=eq.1', { user_id: bob.id }, 403, '42501'],
    ['notes?id=eq.1', { stars: 'x' }, 400, '22P02'],
    ['notes?id=eq.2', { title: 'Milk' }, 409, '23505'],
    ['notes?foo=eq.2', { title: 'Milk' }, 400, '42703'],
  ]
  for (const [path, body, status, code] of refused) {
    t.match(await ask(stack, path, ann.token, patch(body)), { status, body: { code } }, path)
  }
  t.same((await titles())[0], ['Milk', 2])
})

t.test('deletes the rows that are hers and meet the filter', async (t) => {
  t.same(await ask(stack, 'notes?title=in.(Milk,Tea)', ann.token, remove()), {
    status: 204,
    headers: { 'content-range': '*/*' },
    body: null,
  })
  const prefer = { prefer: 'return=representation,count=exact' }
  t.same(await ask(stack, 'notes?select=title', ann.token, remove(prefer)), {
    status: 200,
    headers: {
      'content-type': json,
      'content-range': '*/1',
      'preference-applied': 'return=representation, count=exact',
    },
    body: [{ title: 'Bread' }],
  })
  t.same(await titles(), [['Tea', 1]])
})

t.test('one object that is to be deleted and is not one stays', async (t) => {
  const answer = await ask(stack, 'notes', ann.token, remove({ ...whole, accept: object }))
  t.match(answer, { status: 406, body: { code: 'PGRST116' } })
  t.equal((await titles()).length, 3)
})

t.test('tells where a new row is', async (t) => {
  const prefer = 'return=headers-only'
  const insert = (path: string, body: unknown, token = ann.token) =>
    fetch(`${stack.api}/rest/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, prefer, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const one = await insert('notes', { title: 'Salt' })
  t.same(
    [one.status, one.headers.get('location'), one.headers.get('preference-applied')],
    [201, '/notes?id=eq.4', prefer],
  )
  t.equal(await one.text(), '')
  const two = await insert('notes', [{ title: 'a' }, { title: 'b' }])
  t.same([two.status, two.headers.get('location')], [201, null])

  await sql.unsafe(`
    create table "odd table" ("a b" text, n integer, secret text, primary key (n, "a b"));
    create table keyless (n integer);
    grant insert, select (n, "a b") on "odd table" to authenticated;
    grant insert on keyless to authenticated;
  `)
  const odd = await insert('odd table', { 'a b': 'x&y', n: 1, secret: 's' })
  t.same([odd.status, odd.headers.get('location')], [201, '/odd table?a%20b=eq.x%26y&n=eq.1'])
  const none = await insert('keyless', { n: 1 })
  t.same([none.status, none.headers.get('location')], [201, null])
})

t.test('merges or ignores rows that exist', async (t) => {
  const merge = { prefer: 'resolution=merge-duplicates, return=representation' }
  const ignore = { prefer: 'resolution=ignore-duplicates, return=representation' }
  const upserts: [path: string, headers: object, body: unknown, status: number, answer: unknown][] =
    [
      [
        'notes?select=id,stars',
        merge,
        { id: 1, title: 'Milk', stars: 9 },
        200,
        [{ id: 1, stars: 9 }],
      ],
      [
        'notes?select=id&order=id',
        merge,
        [
          { id: 1, title: 'Milk' },
          { id: 7, title: 'New' },
        ],
        201,
        [{ id: 1 }, { id: 7 }],
      ],
      [
        'notes?on_conflict=user_id,title&select=id,stars',
        merge,
        { title: 'Bread', stars: 8 },
        200,
        [{ id: 2, stars: 8 }],
      ],
      ['notes?select=id', ignore, { id: 1, title: 'Other' }, 201, []],
      [
        'notes?on_conflict=user_id,title&select=title',
        ignore,
        [{ title: 'Bread' }, { title: 'Jam' }],
        201,
        [{ title: 'Jam' }],
      ],
      ['notes', merge, [], 200, []],
    ]
  for (const [path, headers, body, status, answer] of upserts) {
    t.match(
      await ask(stack, path, ann.token, { headers: headers as Record<string, string>, body }),
      { status, headers: { 'preference-applied': Object.values(headers)[0] }, body: answer },
      path,
    )
  }
  t.match(await ask(stack, 'notes', ann.token, { headers: merge, body: { id: 3, title: 'x' } }), {
    status: 403,
    body: { code: '42501' },
  })
  const refused: [path: string, status: number, code: string][] = [
    ['notes?on_conflict=stars', 400, '42P10'],
    ['notes?on_conflict=foo', 400, '42703'],
    ['notes?on_conflict=id,', 400, 'PGRST100'],
  ]
  for (const [path, status, code] of refused) {
    const answer = await ask(stack, path, ann.token, { headers: merge, body: { title: 'x' } })
    t.match(answer, { status, body: { code } }, path)
  }
})

t.test(
  'without a key there is nothing to merge by, and it is not said to be applied',
  async (t) => {
    await sql.unsafe(`
    create table lines (line text);
    grant insert on lines to anon;
  `)
    const headers = { prefer: 'resolution=merge-duplicates,return=minimal' }
    t.same(await ask(stack, 'lines', undefined, { headers, body: { line: 'a' } }), {
      status: 201,
      headers: { 'content-range': '*/*', 'preference-applied': 'return=minimal' },
      body: null,
    })
  },
)

t.test('counts what is written', async (t) => {
  const headers = { prefer: 'count=exact' }
  const body = [{ title: 'a' }, { title: 'b' }]
  t.same(await ask(stack, 'notes', ann.token, { headers, body }), {
    status: 201,
    headers: { 'content-range': '*/2', 'preference-applied': 'count=exact' },
    body: null,
  })
})
