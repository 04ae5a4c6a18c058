// A stranger's tables, functions, operators and types change nothing in what ours do.

import postgres, { type Sql } from 'postgres'
import t from 'tap'
import { openDatabase } from '../support/database.ts'
import { layTraps } from './traps.ts'

const db = await openDatabase(t)
await db.settings({ mailer_autoconfirm: true })
const password = 'correct horse battery'

const attacker = await connectAsStranger('attacker')
const bystander = await connectAsStranger('bystander')

t.test('traps are laid for everything that our code names', async (t) => {
  t.ok((await layTraps(attacker.sql)) > 1000)
  await attacker.sql`set search_path = pg_temp, attacker, pg_catalog`

  // A definer that is written carelessly steps into one: so the traps work.
  await db.sql.unsafe(`
    create function public.careless() returns text
    language plpgsql volatile security definer set search_path = ''
    as $$ declare answer text := 'yes'; begin return answer; end $$
  `)
  await attacker.sql`select public.careless()`
  t.match(attacker.takenNotices(), [/^trap: text as (?!attacker)/])
})

t.test('signing up and in goes on as for anybody else', async (t) => {
  const ann = await signUpAndIn(attacker.sql, 'ann@example.com')
  t.same(attacker.takenNotices(), [], 'no function of ours has stepped into a trap')
  t.same(ann, {
    ...(await signUpAndIn(bystander.sql, 'bob@example.com')),
    email: 'ann@example.com',
  })
  t.same(ann, {
    email: 'ann@example.com',
    sameUser: true,
    wrongPassword: 'PT400 Invalid login credentials',
    unknownAddress: 'PT400 Invalid login credentials',
    repeated: 'PT422 User already registered',
  })
})

t.test('nobody in a temporary table of users can sign in', async (t) => {
  const [hashed] = await db.sql`select auth_private.hash_password(${password}) as hash`
  await attacker.sql.unsafe(`
    drop table pg_temp.users;
    create temporary table users as
    select pg_catalog.gen_random_uuid() as id, 'authenticated'::pg_catalog.text as aud,
      'eve@example.com'::pg_catalog.text as email, '${hashed?.hash}'::pg_catalog.text as
      encrypted_password, pg_catalog.now() as email_confirmed_at, false as is_sso_user
  `)
  const answer = await refusal(attacker.sql`select auth.signin('eve@example.com', ${password})`)
  t.equal(answer, 'PT400 Invalid login credentials')
})

t.test('the helpers of policies read the same token', async (t) => {
  const claims = JSON.stringify({
    sub: '6b1f6f3e-7a5b-4c27-9c7e-0f7f0d4a1c11',
    role: 'authenticated',
    email: 'ann@example.com',
    aal: 'aal2',
    session_id: '0f7f0d4a-1c11-4c27-9c7e-6b1f6f3e7a5b',
    is_anonymous: false,
  })
  const read = (sql: Sql) =>
    sql.begin(async (sql) => {
      await sql`select pg_catalog.set_config('request.jwt.claims', ${claims}, true)`
      return sql`
        select auth.uid(), auth.role(), auth.email(), auth.jwt(), auth.session_id(), auth.aal(),
          auth.email_domain(), auth.is_anonymous(), auth.claim('aal')
      `
    })
  const seen = await read(attacker.sql)
  t.same(attacker.takenNotices(), [])
  t.same(seen, await read(bystander.sql))
  t.equal(seen[0]?.uid, '6b1f6f3e-7a5b-4c27-9c7e-0f7f0d4a1c11')
})

const remedy = 'give operators their schema, as operator(pg_catalog.->), or cast to text'

// These switch roles and so have no path of their own. Nobody but the caller can put traps
// before Postgres's own objects, but operators that Postgres lacks are found on any path.
t.test('the gateway meets no operator of a stranger on its path', async (t) => {
  const gateway = connect(db.gatewayUrl)
  await gateway.sql`set search_path = attacker`
  const answer = await gateway.sql`
    select status, body
    from auth_private.call(
      routine => 'signin',
      args => ${gateway.sql.json({ email: 'ann@example.com', password })},
      claims => '{"role": "anon"}',
      request => '{"method": "POST", "path": "/token", "headers": "{}"}'
    )
  `.catch((error) => error.message)
  t.same(gateway.takenNotices(), [], remedy)
  t.match(answer, [{ status: 200, body: /"email": "ann@example.com"/ }], remedy)
})

t.test('the owner meets none while acting as a user', async (t) => {
  const owner = connect(db.url)
  await owner.sql`set search_path = attacker`
  const acting = await owner.sql
    .begin(async (sql) => {
      await sql`select auth.act_as('ann@example.com')`
      return sql`select current_user::pg_catalog.text as role, auth.email()`
    })
    .catch((error) => error.message)
  t.same(owner.takenNotices(), [], remedy)
  t.same(acting, [{ role: 'authenticated', email: 'ann@example.com' }], remedy)
})

async function signUpAndIn(sql: Sql, email: string) {
  const [up] = await sql`select auth.signup(${email}, ${password}) as session`
  const [in_] = await sql`select auth.signin(${email}, ${password}) as session`
  return {
    email: in_?.session.user.email,
    sameUser: in_?.session.user.id === up?.session.user.id && Boolean(in_?.session.access_token),
    wrongPassword: await refusal(sql`select auth.signin(${email}, 'wrong')`),
    unknownAddress: await refusal(sql`select auth.signin('nobody@example.com', ${password})`),
    repeated: await refusal(sql`select auth.signup(${email}, 'another password')`),
  }
}

async function refusal(query: PromiseLike<unknown>): Promise<string> {
  return query.then(
    () => 'not refused',
    (error) => `${error.code} ${error.message}`,
  )
}

/** A login that is nothing but a member of anon, and has a schema that all may use. */
async function connectAsStranger(schema: string) {
  const role = `${schema}_${process.pid}`
  await db.sql.unsafe(`
    create role ${role} login password 'stranger' in role anon;
    create schema ${schema};
    grant create on schema ${schema} to ${role};
    grant usage on schema ${schema} to public;
  `)
  t.teardown(() => db.sql.unsafe(`drop schema ${schema} cascade; drop role ${role}`))
  const url = new URL(db.url)
  url.username = role
  url.password = 'stranger'
  return connect(url.href)
}

/** One connection, and the notices since they were last taken. */
function connect(url: string) {
  const notices: string[] = []
  const sql = postgres(url, {
    max: 1,
    fetch_types: false,
    onnotice: ({ message }) => notices.push(message ?? ''),
  })
  t.teardown(() => sql.end())
  const takenNotices = () => notices.splice(0)
  return { sql, takenNotices }
}
