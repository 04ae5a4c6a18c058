// The functions and policies under PostgREST itself, driven as it drives them: its login, its
// transaction, its settings, its role switch, db-pre-request, then the statement.

import type postgres from 'postgres'
import t from 'tap'
import { createNotes } from '../support/notes.ts'
import { claimsOf, openUsers, password, type Session } from '../support/users.ts'

const users = await openUsers(t)
const { sql } = users
await createNotes(sql)
const ann = await users.join('ann@example.com')
const bob = await users.join('bob@example.org')
const authenticator = users.connect(users.gatewayUrl)

interface Asked {
  claims?: Record<string, unknown>
  role?: string
  schema?: string
  headers?: Record<string, string>
  method?: string
  path?: string
}

/** What a request to PostgREST does, with db-pre-request = auth.pre_request. */
async function request<Row extends postgres.Row>(
  asked: Asked,
  statement: (sql: postgres.TransactionSql) => postgres.PendingQuery<Row[]>,
) {
  const claims = { role: 'anon', ...asked.claims }
  const role = String(claims.role)
  return authenticator.begin('isolation level read committed read write', async (sql) => {
    await sql`
      select
        set_config('search_path', ${`"${asked.schema ?? 'public'}", "public"`}, true),
        set_config('role', ${role}, true),
        set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
        set_config('request.method', ${asked.method ?? 'GET'}, true),
        set_config('request.path', ${asked.path ?? '/notes'}, true),
        set_config('request.headers', ${JSON.stringify(asked.headers ?? {})}, true),
        set_config('request.cookies', '{}', true)
    `
    await sql`select "auth"."pre_request"()`
    const rows = await statement(sql)
    const [answered] = await sql`
      select nullif(current_setting('response.headers', true), '') as headers,
        nullif(current_setting('response.status', true), '') as status
    `
    return { rows: [...rows], status: answered?.status, headers: answered?.headers }
  })
}

const as = (session: Session): Asked => ({ claims: claimsOf(session) })
const refusal = ({ code, detail, message }: postgres.PostgresError) => ({ code, detail, message })

t.test('a user writes and reads her rows, and nobody else’s', async (t) => {
  const written = await request(
    as(ann),
    (sql) => sql`
      with pgrst_source as (
        insert into "public"."notes" ("title")
        select "title" from json_to_recordset('[{"title":"Milk"}]') as _ ("title" text)
        returning "public"."notes".*
      )
      select coalesce(json_agg(_postgrest_t), '[]') as body
      from (select * from pgrst_source) _postgrest_t
    `,
  )
  t.match(written.rows, [{ body: [{ id: 1, user_id: ann.user.id, title: 'Milk' }] }])
  const read = (who: Asked) => request(who, (sql) => sql`select title from "public"."notes"`)
  t.same((await read(as(ann))).rows, [{ title: 'Milk' }])
  t.same((await read(as(bob))).rows, [])
  await t.rejects(read({}), { code: '42501' })
  t.same((await read({ claims: { role: 'service_role' } })).rows, [{ title: 'Milk' }])
})

t.test('the helpers of policies read its settings', async (t) => {
  const { rows } = await request(
    as(ann),
    (sql) => sql`
      select auth.uid(), auth.role(), auth.email(), auth.aal(), auth.session_id(),
        auth.is_anonymous(), current_user::text as "user"
    `,
  )
  t.same(rows, [
    {
      uid: ann.user.id,
      role: 'authenticated',
      email: 'ann@example.com',
      aal: 'aal1',
      session_id: claimsOf(ann).session_id,
      is_anonymous: false,
      user: 'authenticated',
    },
  ])
})

t.test('the API is functions to call, where the schema auth is exposed', async (t) => {
  const rpc: Asked = { schema: 'auth', method: 'POST', path: '/rpc/signin' }
  const { rows } = await request(
    rpc,
    (sql) => sql`
      select pgrst_call.pgrst_scalar as body
      from (select auth.signin("email" := 'ann@example.com', "password" := ${password}) pgrst_scalar) pgrst_call
    `,
  )
  const session = rows[0]?.body as Session
  t.match(session, { token_type: 'bearer', user: { email: 'ann@example.com' } })

  const me = await request({ ...rpc, ...as(session) }, (sql) => sql`select auth.get_user() as body`)
  t.match(me.rows, [{ body: { id: ann.user.id } }])
  await t.rejects(
    request(rpc, (sql) => sql`select auth.admin_list_users()`),
    { code: '42501' },
  )
})

t.test('a refusal is an SQLSTATE that PostgREST answers with', async (t) => {
  const rpc: Asked = { schema: 'auth', method: 'POST', path: '/rpc/signin' }
  const wrong = await request(
    rpc,
    (sql) => sql`select auth.signin('ann@example.com', 'wrong password') as body`,
  ).then(
    ({ rows, status }) => ({ status, body: rows[0]?.body }),
    (error: postgres.PostgresError) => refusal(error),
  )
  t.match(JSON.stringify(wrong), /invalid_credentials/)
  t.match(JSON.stringify(wrong), /400/)
})

t.test('signing out ends a token at the next request', async (t) => {
  const other = await users.signIn('ann@example.com')
  await request(as(other), (sql) => sql`select * from notes`)
  await request(
    { ...as(other), schema: 'auth', method: 'POST', path: '/rpc/signout' },
    (sql) => sql`select auth.signout(scope => 'local')`,
  )
  const late = await request(as(other), (sql) => sql`select * from notes`).catch(refusal)
  t.same(late, {
    code: 'PT403',
    detail: 'session_not_found',
    message: 'Session from session_id claim in JWT does not exist',
  })
})

t.test('a ban holds at the next request', async (t) => {
  await users.ban('bob@example.org')
  const late = await request(as(bob), (sql) => sql`select * from notes`).catch(refusal)
  t.match(late, { code: 'PT403', detail: 'user_banned' })
})

t.test('nothing of one request is left for the next on its connection', async (t) => {
  await request(as(ann), (sql) => sql`select auth.uid()`)
  const [left] = await authenticator`
    select auth_private.gateway_config() is not null as works, current_user::text as "user",
      nullif(current_setting('request.jwt.claims', true), '') as claims
  `
  t.same(left, { works: true, user: 'authenticator', claims: null })
})
