// However many users there are, a request reads only its own rows.

import type { ISql } from 'postgres'
import t, { type Test } from 'tap'
import { claimsOf, openUsers, password } from '../support/users.ts'

const { join, mailTo, signUp, sql } = await openUsers(t)
await sql.unsafe(`
  insert into auth.users (id, aud, role, email, email_confirmed_at, instance_id)
  select gen_random_uuid(), 'authenticated', 'authenticated', n || '@example.net', now(),
    '00000000-0000-0000-0000-000000000000'
  from generate_series(1, 5000) n;
  insert into auth.identities (provider_id, user_id, identity_data, provider, created_at)
  select id, id, jsonb_build_object('sub', id, 'email', email), 'email', now() from auth.users;
  insert into auth.sessions (id, user_id, created_at, refresh_token_counter)
  select id, id, now(), 0 from auth.users;
  insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
  select id, id, 'password', now(), now() from auth.users;
  insert into auth.refresh_tokens (token, session_id, user_id, revoked)
  select substr(md5(id::text), 1, 12), id, id, false from auth.users;
  insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
  select id, id, 'totp', 'verified', now(), now() from auth.users;
  insert into auth.flow_state (id, user_id, auth_code, provider_type, authentication_method,
    created_at)
  select id, id, id, 'email', 'magiclink', now() from auth.users;
  insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
  select id, id, 'recovery_token', id, email from auth.users;
  insert into auth_private.one_time_codes (user_id, token_type, code_hash, relates_to)
  select id, 'recovery_token', '', email from auth.users;
  insert into auth_private.cooldowns (address_hash, purpose)
  select sha256(email::bytea), 'recovery' from auth.users;
  insert into auth_private.outbox (kind, user_id, recipient)
  select 'recovery', id, email from auth.users;
  insert into auth.audit_log_entries (id) select id from auth.users;
`)
const ann = await join('ann@example.com')
const claims = claimsOf(ann)
await signUp('bob@example.com')
const { Token, TokenHash } = await mailTo('bob@example.com')
await sql`
  delete from auth_private.cooldowns
  where address_hash in (sha256('ann@example.com'), sha256('bob@example.com'))
`
await sql`analyze`
const challenge = 'c'.repeat(43)

const asAnn = (sql: ISql) =>
  sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`

const requests: [string, (sql: ISql) => PromiseLike<unknown>][] = [
  ['signing up', (sql) => sql`select auth.signup('New@example.com', ${password})`],
  ['signing up again', (sql) => sql`select auth.signup('bob@example.com', ${password})`],
  ['signing in', (sql) => sql`select auth.signin('Ann@example.com', ${password})`],
  ['refreshing', (sql) => sql`select auth.refresh(${ann.refresh_token})`],
  ['an older refresh token', (sql) => sql`select auth.refresh('abcdefghijkl')`],
  ['recovering', (sql) => sql`select auth.recover('ann@example.com', ${challenge}, 's256')`],
  ['a magic link', (sql) => sql`select auth.magiclink('ann@example.com')`],
  ['asking for a code', (sql) => sql`select auth.otp('ann@example.com')`],
  ['a mailed link', (sql) => sql`select auth.verify('signup', ${TokenHash})`],
  [
    'a mailed code',
    (sql) => sql`select auth.verify('signup', email => 'Bob@example.com', token => ${Token})`,
  ],
  ['opening a link', (sql) => sql`select auth.verify_link('signup', ${TokenHash})`],
  ['exchanging a code', (sql) => sql`select auth.exchange_code('x', 'y')`],
  ['admitting a token', (sql) => sql`select auth_private.admit(${sql.json(claims)}, 'user')`],
  ['showing the user', (sql) => asAnn(sql).then(() => sql`select auth.get_user()`)],
  [
    'changing the user',
    (sql) => asAnn(sql).then(() => sql`select auth.update_user('another one', email => 'c@d')`),
  ],
  ['signing out', (sql) => asAnn(sql).then(() => sql`select auth.signout('others')`)],
]

for (const [title, request] of requests) {
  t.test(`${title} reads few rows of any table`, async (t) => {
    t.same(await tablesRead(t, request), [])
  })
}

/** The tables of which a request reads more than a few rows; what it does is undone. */
async function tablesRead(
  t: Pick<Test, 'match'>,
  request: (sql: ISql) => PromiseLike<unknown>,
): Promise<string[]> {
  const undo = new Error('undo')
  let found: string[] = []
  await sql
    .begin(async (sql) => {
      const before = await rowsRead(sql)
      // What is refused has looked as well.
      await sql
        .savepoint(async (sql) => void (await request(sql)))
        .catch(({ code }) => t.match(code, /^PT/))
      const after = await rowsRead(sql)
      found = Object.keys(after).filter((name) => after[name]! - (before[name] ?? 0) > 100)
      throw undo
    })
    .catch((error) => {
      if (error !== undo) throw error
    })
  return found
}

/** How many rows of each table this connection has read. */
async function rowsRead(sql: ISql): Promise<Record<string, number>> {
  const rows = await sql`
    select relid::regclass::text as name, (seq_tup_read + idx_tup_fetch)::integer as count
    from pg_stat_xact_all_tables
    where schemaname in ('auth', 'auth_private') and idx_tup_fetch is not null
  `
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
}
