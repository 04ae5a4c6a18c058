// Which rows are answered and how many there are: Range, limit, offset, Prefer: count=exact.

import t from 'tap'
import { ask } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
await stack.sql.unsafe(`
  create table items (id integer primary key);
  insert into items select generate_series(1, 15);
  create table empty (id integer);
  grant select on items, empty to anon;
`)
const ids = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => ({ id: first + i }))

type Case = [path: string, range: string | null, status: number, told: string, body: unknown]

const uncounted: Case[] = [
  ['items?order=id', null, 200, '0-14/*', ids(1, 15)],
  ['items?order=id', '0-1', 200, '0-1/*', ids(1, 2)],
  ['items?order=id', '10-100', 200, '10-14/*', ids(11, 15)],
  ['items?order=id', '13-', 200, '13-14/*', ids(14, 15)],
  ['items?order=id', '0-0', 200, '0-0/*', ids(1, 1)],
  ['items?order=id&limit=3', '0-1', 200, '0-1/*', ids(1, 2)],
  ['items?order=id&limit=3&offset=2', '0-9', 200, '2-4/*', ids(3, 5)],
  ['items?order=id&limit=3&offset=2', '3-9', 200, '3-4/*', ids(4, 5)],
  ['items?order=id&limit=3&offset=2', null, 200, '2-4/*', ids(3, 5)],
  ['items?order=id', 'bytes=0-1', 200, '0-14/*', ids(1, 15)],
  ['items?order=id&limit=9223372036854775807', null, 200, '0-14/*', ids(1, 15)],
  ['items?order=id&offset=9223372036854775807', null, 200, '*/*', []],
  ['empty', '0-1', 200, '*/*', []],
]
const counted: Case[] = [
  ['items?order=id', null, 200, '0-14/15', ids(1, 15)],
  ['items?order=id', '0-1', 206, '0-1/15', ids(1, 2)],
  ['items?order=id', '0-14', 200, '0-14/15', ids(1, 15)],
  ['items?order=id&limit=5&offset=10', null, 206, '10-14/15', ids(11, 15)],
  ['items?order=id&id=lt.4&limit=2', null, 206, '0-1/3', ids(1, 2)],
  ['items?id=eq.99', null, 200, '*/0', []],
  ['items?limit=0', null, 206, '*/15', []],
  ['items?offset=15', null, 206, '*/15', []],
]

t.test('cuts an answer to what was asked for', async (t) => {
  for (const [count, cases] of [
    [false, uncounted],
    [true, counted],
  ] as const) {
    for (const [path, range, status, told, body] of cases) {
      const headers: Record<string, string> = {
        ...(range !== null && { 'range-unit': 'items', range }),
        ...(count && { prefer: 'count=exact' }),
      }
      t.same(
        await ask(stack, path, undefined, { headers }),
        {
          status,
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'content-range': told,
            ...(count && { 'preference-applied': 'count=exact' }),
          },
          body,
        },
        `${path} ${range}`,
      )
    }
  }
})

t.test('a HEAD counts', async (t) => {
  const more = { method: 'HEAD', headers: { prefer: 'count=exact', range: '0-1' } }
  t.match(await ask(stack, 'items?limit=4', undefined, more), {
    status: 206,
    headers: { 'content-range': '0-3/15' },
    body: null,
  })
})

t.test('says how many there are to whoever asks beyond the last', async (t) => {
  for (const [path, range, first, total] of [
    ['items?offset=100', null, 100, 15],
    ['items', '100-199', 100, 15],
    ['empty?offset=1', null, 1, 0],
  ] as const) {
    const headers = { prefer: 'count=exact', ...(range !== null && { range }) }
    t.match(await ask(stack, path, undefined, { headers }), {
      status: 416,
      headers: { 'content-range': `*/${total}` },
      body: {
        code: 'PGRST103',
        details: `An offset of ${first} was requested, but there are only ${total} rows.`,
        hint: null,
        message: 'Requested range not satisfiable',
      },
    })
  }
})
