// Filters of /rest/v1, on tables as PostgREST documents them: which rows each finds.

import t from 'tap'
import { ask } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
await stack.sql.unsafe(`
  create type mood as enum ('sad', 'ok', 'happy');
  create domain label as varchar(20) check (value <> 'forbidden');
  create table things (
    id integer primary key, name text, "odd name" text, stars integer, done boolean, tags text[],
    data jsonb, during int4range, mood mood, label label, at timestamptz, ids uuid[]
  );
  insert into things values
    (1, 'Milk', 'a,b', 3, true, '{dairy,cold}', '{"a":1,"b":2}', '[1,5)', 'sad', 'x', '2026-01-01Z'),
    (2, 'Bread', 'c"d', 5, false, '{bakery}', '{"a":2}', '[5,9)', 'ok', 'y', '2026-01-02Z'),
    (3, 'Oat milk', 'e)', null, null, null, null, null, 'happy', null, null),
    (4, '50%', '', 1, true, '{}', '[]', 'empty', null, null, '2026-02-01Z');
  grant select on things to anon;
`)

const found: [filter: string, ids: number[]][] = [
  ['id=eq.2', [2]],
  ['id=neq.2', [1, 3, 4]],
  ['id=gt.2', [3, 4]],
  ['id=gte.2', [2, 3, 4]],
  ['id=lt.2', [1]],
  ['id=lte.2', [1, 2]],
  ['id=gte.2&id=lt.4', [2, 3]],
  ['at=lt.2026-01-02T00:00:00Z', [1]],
  ['mood=gt.sad', [2, 3]],
  ['label=eq.forbidden', []],
  ['label=in.(x,y,forbidden)', [1, 2]],
  ['name=like.*ilk', [1, 3]],
  ['name=like.%25ilk', [1, 3]],
  ['name=like.M*', [1]],
  ['name=like.50\\%25', [4]],
  ['name=ilike.*MILK*', [1, 3]],
  ['name=not.ilike.*milk*', [2, 4]],
  ['label=like.x*', [1]],
  ['stars=is.null', [3]],
  ['stars=is.not_null', [1, 2, 4]],
  ['stars=not.is.null', [1, 2, 4]],
  ['done=is.true', [1, 4]],
  ['done=is.FALSE', [2]],
  ['done=is.unknown', [3]],
  ['done=not.is.true', [2, 3]],
  ['id=in.(1,3)', [1, 3]],
  ['id=in.(1)', [1]],
  ['id=in.()', []],
  ['id=not.in.(1,3)', [2, 4]],
  ['name=in.("Milk","Oat milk")', [1, 3]],
  ['name=in.(Milk,Oat milk)', [1, 3]],
  ['odd name=in.("a,b","c\\"d","e)")', [1, 2, 3]],
  ['name=in.({Milk},"{Bread}")', []],
  ['mood=in.(sad,happy)', [1, 3]],
  ['tags=cs.{dairy}', [1]],
  ['tags=cs.{dairy,cold}', [1]],
  ['tags=cd.{dairy,cold,bakery}', [1, 2, 4]],
  ['tags=not.cs.{dairy}', [2, 4]],
  ['tags=eq.{bakery}', [2]],
  ['data=cs.{"a":1}', [1]],
  ['data=cd.{"a":2,"z":0}', [2]],
  ['during=cs.[2,3)', [1]],
  ['during=cd.[0,6)', [1, 4]],
  ['or=(id.eq.1,id.eq.3)', [1, 3]],
  ['or=(id.eq.1)', [1]],
  ['and=(id.gt.1,id.lt.4)', [2, 3]],
  ['not.and=(id.gt.1,id.lt.4)', [1, 4]],
  ['not.or=(id.eq.1,id.eq.3)', [2, 4]],
  ['or=(id.eq.1,and(id.gt.2,not.or(id.eq.4,id.eq.5)))', [1, 3]],
  ['or=(id.eq.1,not.and(id.lt.4,id.gt.0))', [1, 4]],
  ['or=( id.eq.1 , id.eq.3 )', [1, 3]],
  ['or=(stars.not.is.null,done.is.unknown)&id=gt.2', [3, 4]],
  ['or=(id.eq.1,id.eq.2)&or=(id.eq.2,id.eq.3)', [2]],
  ['or=(id.in.(1,2),name.eq.50%25)', [1, 2, 4]],
  ['or=(id.not.in.(1,2),name.eq.Milk)', [1, 3, 4]],
  ['or=("odd name".eq."a,b",odd name.eq."e)")', [1, 3]],
  ['or=(odd name.eq."c\\"d",id.eq.9)', [2]],
  ['or=(tags.cs.{dairy,cold},data.cs.{"a":2})', [1, 2]],
  ['or=(name.like.*ilk,stars.is.null)', [1, 3]],
  ['"odd name"=eq.', [4]],
  ['name=eq.Milk&or=(id.eq.1,id.eq.2)&stars=lt.9', [1]],
]

t.test('each operator finds its rows', async (t) => {
  for (const [filter, ids] of found) {
    const { status, body } = await ask(stack, `things?select=id&order=id&${filter}`)
    t.same([status, body], [200, ids.map((id) => ({ id }))], filter)
  }
})

t.test('casts', async (t) => {
  const casts: [select: string, body: object][] = [
    ['id::text', { id: '1' }],
    ['number:stars::numeric', { number: 3 }],
    ['at::date', { at: '2026-01-01' }],
    ['x:stars::double precision,mood::text', { x: 3, mood: 'sad' }],
    ['label::mood', { label: null }],
    ['done:done::integer, name', { done: 1, name: 'Milk' }],
  ]
  for (const [select, body] of casts) {
    const id = select === 'label::mood' ? 3 : 1
    const answer = await ask(stack, `things?id=eq.${id}&select=${select}`)
    t.same([answer.status, answer.body], [200, [body]], select)
  }
  const bad: [select: string, status: number, code: string][] = [
    ['name::integer', 400, '22P02'],
    ['id::nothing', 400, '42704'],
    ['id::users', 400, '42704'],
    ['id::regrole', 400, 'PGRST127'],
    ['name::uuid', 400, '22P02'],
    ['tags::integer', 400, '42846'],
    ['id::text;drop', 400, 'PGRST100'],
    ['id::text[]', 400, 'PGRST100'],
    ["id::'text'", 400, 'PGRST100'],
  ]
  for (const [select, status, code] of bad) {
    t.match(await ask(stack, `things?select=${select}`), { status, body: { code } }, select)
  }
})

t.test('a filter that the type does not know is an error, and never no filter', async (t) => {
  const bad: [filter: string, status: number, code: string][] = [
    ['id=like.1*', 404, '42883'],
    ['name=cs.{a}', 404, '42883'],
    ['name=is.true', 400, '42804'],
    ['id=in.(1,x)', 400, '22P02'],
    ['mood=eq.angry', 400, '22P02'],
    ['tags=cs.x', 400, '22P02'],
    ['during=cs.[9,1)', 400, '22000'],
    ['or=(id.eq.1,nothing.eq.2)', 400, '42703'],
    ['or=(id.eq.1,id.eq.x)', 400, '22P02'],
  ]
  for (const [filter, status, code] of bad) {
    t.match(await ask(stack, `things?${filter}`), { status, body: { code } }, filter)
  }
})
