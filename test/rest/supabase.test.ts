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
