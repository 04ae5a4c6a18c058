// The official client on tables: what an application writes, and the errors that it reads.

import t from 'tap'
import { createSupabase } from '../support/client.ts'
import { createNotes } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
await createNotes(stack.sql)
const supabase = createSupabase(stack)
const { data: account } = await supabase.auth.signUp({
  email: 'ann@example.com',
  password: 'correct horse battery',
})
const userId = account.user?.id

t.test('inserts a row and gets it back', async (t) => {
  const { data, error, status } = await supabase
    .from('notes')
    .insert({ title: 'Milk', stars: 3 })
    .select()
  t.same(
    { data, error, status },
    {
      data: [{ id: 1, user_id: userId, title: 'Milk', stars: 3 }],
      error: null,
      status: 201,
    },
  )
})

t.test('inserts many rows, also with different columns, and gets nothing back', async (t) => {
  const rows = [{ title: 'Bread', stars: 5 }, { title: 'Salt' }]
  const { data, error, status } = await supabase.from('notes').insert(rows)
  t.same({ data, error, status }, { data: null, error: null, status: 201 })
})

t.test('selects, filters, orders, limits', async (t) => {
  const notes = () => supabase.from('notes')
  t.same((await notes().select()).data?.length, 3)
  t.same((await notes().select('title, rating:stars').eq('title', 'Milk')).data, [
    { title: 'Milk', rating: 3 },
  ])
  t.same((await notes().select('id').eq('user_id', userId).eq('stars', 5)).data, [{ id: 2 }])
  const starred = notes().select('id').order('stars', { ascending: false, nullsFirst: false })
  t.same((await starred.order('id')).data, [{ id: 2 }, { id: 1 }, { id: 3 }])
  t.same((await notes().select('id').order('id').limit(2)).data, [{ id: 1 }, { id: 2 }])
  t.same((await notes().select('id').order('id').range(1, 2)).data, [{ id: 2 }, { id: 3 }])
})

t.test('gets single rows', async (t) => {
  const notes = () => supabase.from('notes').select('title')
  t.same((await notes().eq('id', 1).single()).data, { title: 'Milk' })
  t.same((await notes().eq('id', 1).maybeSingle()).data, { title: 'Milk' })
  const none = await notes().eq('id', 99).maybeSingle()
  t.same({ data: none.data, error: none.error }, { data: null, error: null })

  const { data, error, status } = await notes().eq('id', 99).single()
  t.same(
    { data, status, ...error },
    {
      data: null,
      status: 406,
      code: 'PGRST116',
      details: 'The result contains 0 rows',
      hint: null,
      message: 'Cannot coerce the result to a single JSON object',
    },
  )
  const inserted = await supabase.from('notes').insert({ title: 'Tea' }).select('title').single()
  t.same([inserted.status, inserted.data], [201, { title: 'Tea' }])
})

t.test('reads errors', async (t) => {
  const failures = [
    await supabase.from('nothing').select(),
    await supabase.from('notes').select('nothing'),
    await supabase.from('notes').select().eq('id', 'x'),
    await supabase.from('notes').select().textSearch('title', 'x'),
    await supabase.from('notes').insert({ title: 'Milk' }),
    await supabase.from('notes').insert({ titel: 'Milk' }),
    await supabase.from('notes').select('id, users(email)'),
    await createSupabase(stack).from('notes').select(),
  ]
  t.same(
    failures.map(({ status, error }) => [status, error?.code, error?.message]),
    [
      [404, 'PGRST205', "Could not find the table 'public.nothing' in the schema cache"],
      [400, '42703', 'column notes.nothing does not exist'],
      [400, '22P02', 'invalid input syntax for type bigint: "x"'],
      [400, 'PGRST127', 'Feature not implemented'],
      [409, '23505', 'duplicate key value violates unique constraint "notes_title_key"'],
      [400, 'PGRST204', "Could not find the 'titel' column of 'notes' in the schema cache"],
      [400, 'PGRST127', 'Feature not implemented'],
      [401, '42501', 'permission denied for table notes'],
    ],
  )
})

t.test('chooses a schema', async (t) => {
  await stack.sql.unsafe(`
    create schema api;
    create table api.things (id integer);
    grant usage on schema api to authenticated;
    grant select, insert on api.things to authenticated;
  `)
  await stack.configure({ db_schemas: ['public', 'api'] })
  const api = supabase.schema('api')
  t.same(
    (
      await api
        .from('things')
        .insert([{ id: 1 }, { id: 2 }])
        .select()
    ).data?.length,
    2,
  )
  t.same((await api.from('things').select().eq('id', 2)).data, [{ id: 2 }])
})

t.test('filters in every way that is built in', async (t) => {
  const { sql } = stack
  await sql.unsafe(`
    create table things (id integer primary key, name text, tags text[], data jsonb, done boolean);
    insert into things values
      (1, 'Milk', '{a,b}', '{"x":1}', true), (2, 'Bread', '{b}', '{"x":2}', false),
      (3, 'Oat, milk', null, null, null);
    grant select on things to anon, authenticated;
  `)
  const things = () => createSupabase(stack).from('things').select('id').order('id')
  const found: [query: ReturnType<typeof things>, ids: number[]][] = [
    [things().neq('id', 1), [2, 3]],
    [things().gt('id', 1).lt('id', 3), [2]],
    [things().gte('id', 2), [2, 3]],
    [things().lte('id', 2), [1, 2]],
    [things().like('name', '%ilk'), [1, 3]],
    [things().ilike('name', 'MILK'), [1]],
    [things().is('done', null), [3]],
    [things().is('done', true), [1]],
    [things().not('done', 'is', null), [1, 2]],
    [things().in('name', ['Milk', 'Oat, milk']), [1, 3]],
    [things().not('id', 'in', '(1,2)'), [3]],
    [things().contains('tags', ['a']), [1]],
    [things().contains('data', { x: 2 }), [2]],
    [things().containedBy('tags', ['b', 'c']), [2]],
    [things().or('id.eq.1,name.eq.Bread'), [1, 2]],
    [things().or('id.eq.3,and(id.gt.1,done.is.false)'), [2, 3]],
    [things().match({ id: 1, name: 'Milk' }), [1]],
    [things().filter('id', 'gt', 2), [3]],
    [things().range(1, 1), [2]],
  ]
  for (const [query, ids] of found) {
    const { data, error } = await query
    t.same([data, error], [ids.map((id) => ({ id })), null])
  }
})

t.test('counts, with and without rows', async (t) => {
  const things = createSupabase(stack).from('things')
  const page = await things.select('id', { count: 'exact' }).order('id').range(0, 1)
  t.same([page.status, page.count, page.data], [206, 3, [{ id: 1 }, { id: 2 }]])
  const head = await things.select('*', { count: 'exact', head: true }).gt('id', 1)
  t.same([head.count, head.data], [2, null])
})

t.test('updates, upserts and deletes', async (t) => {
  const notes = () => supabase.from('notes')
  t.same((await notes().update({ stars: 1 }).eq('title', 'Milk').select('title,stars')).data, [
    { title: 'Milk', stars: 1 },
  ])
  const kept = await notes()
    .upsert({ title: 'Milk', stars: 2 }, { onConflict: 'user_id,title' })
    .select('stars')
    .single()
  t.same([kept.data, kept.error], [{ stars: 2 }, null])
  const ignored = await notes()
    .upsert(
      [
        { title: 'Milk', stars: 9 },
        { title: 'Fig', stars: 1 },
      ],
      {
        onConflict: 'user_id,title',
        ignoreDuplicates: true,
      },
    )
    .select('title')
  t.same(ignored.data, [{ title: 'Fig' }])
  const gone = await notes().delete({ count: 'exact' }).eq('title', 'Fig')
  t.same([gone.status, gone.count, gone.data], [204, 1, null])
  t.same((await notes().delete().eq('title', 'Fig').select()).data, [])
})

t.test('calls functions', async (t) => {
  await stack.sql.unsafe(`
    create function add_them(a integer, b integer default 1) returns integer language sql immutable
      as 'select a + b';
    create function mine() returns setof notes language sql stable as 'select * from notes';
    create function reset() returns void language sql volatile as '';
  `)
  t.same((await supabase.rpc('add_them', { a: 1, b: 2 })).data, 3)
  t.same((await supabase.rpc('add_them', { a: 1 }, { get: true })).data, 2)
  t.same((await supabase.rpc('mine').select('title').eq('title', 'Milk').single()).data, {
    title: 'Milk',
  })
  t.same((await supabase.rpc('mine', {}, { count: 'exact', head: true })).count, 4)
  t.same((await supabase.rpc('reset')).status, 204)
  t.same((await supabase.rpc('add_them', { c: 1 })).error?.code, 'PGRST202')
})

t.test('sees nothing after signing out', async (t) => {
  const other = createSupabase(stack)
  await other.auth.signInWithPassword({
    email: 'ann@example.com',
    password: 'correct horse battery',
  })
  await supabase.auth.signOut({ scope: 'global' })
  const { status, error } = await other.from('notes').select()
  t.same([status, error?.code, error?.details], [403, 'PT403', 'session_not_found'])
  t.same((await supabase.from('notes').select()).status, 401)
})
