// A database with many users, made in SQL: each with an identity and five sessions.
//
// Exports: seed, sample.

import { availableParallelism } from 'node:os'
import type { Sql } from 'postgres'
import type { BenchDatabase } from '../server.ts'
import type { Member } from '../workloads.ts'

const sessions = 5
/** The largest first, whose indexes take longest. */
const tables = ['sessions', 'mfa_amr_claims', 'users', 'identities']
/** Rows in each statement, so that an interrupt need not wait long. */
const batch = 50_000
/** Connections that make rows and indexes side by side. */
const makers = Math.min(4, availableParallelism())

/**
 * Ids grow with the number of the user, so that indexes are filled from left to right, and lie all
 * over the range, as random ones do.
 *
 * @param hash bcrypt hash of everybody's password
 */
export async function seed(
  { sql }: BenchDatabase,
  users: number,
  hash: string,
  progress: (done: number) => void,
): Promise<void> {
  // An index is made faster of all rows at once than row by row.
  const indexes = await sql<{ name: string; definition: string }[]>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i
    join unnest(${tables}::text[]) with ordinality as t (name, place)
      on i.indrelid = ('auth.' || t.name)::regclass
    where not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    order by t.place
  `
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`)

  const batches: (() => string)[] = []
  for (let first = 0; first < users; first += batch) {
    batches.push(() => {
      progress(first)
      return rows(first, Math.min(users, first + batch), users, hash)
    })
  }
  await sideBySide(sql, batches)
  const definitions = indexes.map((index) => () => index.definition)
  await sideBySide(sql, definitions)
  // That was not done by the triggers either.
  await sql`select auth_private.recount_users()`
  progress(users)
  await Promise.all(tables.map((table) => sql.unsafe(`vacuum analyze auth.${table}`)))
}

/** Runs statements on several connections, each the next one as soon as it is free. */
async function sideBySide(sql: Sql, statements: (() => string)[]): Promise<void> {
  const left = [...statements]
  const maker = async () => {
    const made = await sql.reserve()
    try {
      // Foreign keys are right by the way the rows are made; they would be asked row by row.
      await made`set session_replication_role = replica`
      await made`set synchronous_commit = off`
      await made`set maintenance_work_mem = '1GB'`
      // Where it is in the range, the table, 4000, 8000, n: by bits, as there are twelve for each
      // user and putting texts together took a quarter of the time.
      await made.unsafe(`
        create or replace function pg_temp.id(tab integer, n bigint, of bigint) returns uuid
        language sql immutable
        return encode(int8send((((n << 32) / of) << 32) | (tab << 16) | 16384)
          || int8send((1::bigint << 63) | n), 'hex')::uuid
      `)
      for (let next = left.shift(); next; next = left.shift()) await made.unsafe(next())
      await made`reset all`
    } finally {
      made.release()
    }
  }
  await Promise.all(Array.from({ length: makers }, maker))
}

const rows = (first: number, end: number, users: number, hash: string) => `
  create temporary view person as
  select n, pg_temp.id(1, n, ${users}) as id,
    'user-' || lpad(n::text, 8, '0') || '@example.com' as email,
    now() - interval '1 year' * (1 - n::float8 / ${users}) as since
  from generate_series(${first}::bigint, ${end - 1}) n
  -- Made once for each, and not once for each session.
  offset 0;

  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
    last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
    confirmation_token, recovery_token, email_change_token_new, email_change
  )
  select '00000000-0000-0000-0000-000000000000', p.id, 'authenticated', 'authenticated', p.email,
    '${hash}', p.since, p.since, '{"provider": "email", "providers": ["email"]}',
    jsonb_build_object('full_name', 'User ' || p.n), p.since, p.since, '', '', '', ''
  from person p;

  insert into auth.identities (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, id
  )
  select p.id::text, p.id, jsonb_build_object('sub', p.id, 'email', p.email), 'email', p.since,
    p.since, p.since, pg_temp.id(2, p.n, ${users})
  from person p;

  insert into auth.sessions (
    id, user_id, created_at, updated_at, aal, user_agent, ip,
    refresh_token_hmac_key, refresh_token_counter
  )
  select pg_temp.id(3, p.n * ${sessions} + k, ${users * sessions}), p.id, p.since, p.since,
    'aal1', 'bench', '127.0.0.1', md5((p.n * ${sessions} + k)::text) || '___________', 0
  from person p
  cross join generate_series(0, ${sessions - 1}) k;

  insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
  select pg_temp.id(4, p.n * ${sessions} + k, ${users * sessions}),
    pg_temp.id(3, p.n * ${sessions} + k, ${users * sessions}), 'password', p.since, p.since
  from person p
  cross join generate_series(0, ${sessions - 1}) k;

  drop view pg_temp.person;
`

/** So many of the users, from all over the table, each with one of the sessions. */
export async function sample(
  { sql }: BenchDatabase,
  users: number,
  count: number,
): Promise<Member[]> {
  const chosen = Array.from({ length: count }, () => {
    const n = Math.floor(Math.random() * users)
    return `user-${String(n).padStart(8, '0')}@example.com`
  })
  return sql<(Member & { email: string })[]>`
    select u.email, auth_private.refresh_token(s) as refresh,
      auth_private.sign_jwt(auth_private.session_claims(s, u)) as access
    from auth.users u
    cross join lateral (select * from auth.sessions s where s.user_id = u.id limit 1) s
    where u.email = any (${[...new Set(chosen)]})
  `
}
