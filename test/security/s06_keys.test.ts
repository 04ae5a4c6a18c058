// S-06: nobody but the owner reads a key, a pepper, a hash or a mailed secret, wherever Postgres
// keeps what it knows: tables, views, statistics, settings, function sources, running statements.
// It is all that a pg_dump of theirs could hold, and one that begins with our tables ends there.

import t from 'tap'
import { openRoles, refused } from '../support/roles.ts'
import { openUsers } from '../support/users.ts'

const users = await openUsers(t)
const { ask, join, mailTo, sql: owner } = users
const roles = await openRoles(t, users)

// Much of everything, so that there are statistics to look into.
for (let n = 0; n < 5; n++) await join(`user${n}@example.com`)
await owner`select auth_private.use_jwt_secret(${'canary-of-a-secret-with-32-bytes'})`
const session = await users.signIn('user0@example.com')
await ask('recover', { email: 'user1@example.com' })
const { TokenHash, Token } = await mailTo('user1@example.com')
await owner`analyze`

const [kept] = await owner`
  select
    array(select secret from auth_private.signing_keys) as keys,
    array(select encode(value, 'hex') from auth_private.secrets) as peppers,
    array(select encrypted_password from auth.users) as hashes,
    array(select refresh_token_hmac_key from auth.sessions) as session_keys,
    array(select token_hash from auth.one_time_tokens) as token_hashes,
    array(select encode(code_hash, 'hex') from auth_private.one_time_codes) as code_hashes
`
const secrets = [
  ...Object.values(kept ?? {}).flat(),
  session.access_token,
  session.refresh_token,
  TokenHash,
] as string[]

t.test('there are secrets to look for, and the owner finds them', async (t) => {
  t.ok(secrets.length > 15)
  t.ok(secrets.every((secret) => secret?.length > 10))
  const found = await search(owner, `select s::text from auth_private.signing_keys s`)
  t.ok(found.length > 0)
  const statistics = await search(owner, `select s::text from pg_stats s where schemaname = 'auth'`)
  t.ok(statistics.length > 0, 'statistics hold values of columns')
})

for (const { name: role, sql } of roles) {
  t.test(`${role} finds none in anything that it may read`, async (t) => {
    const readable = await sql<{ name: string }[]>`
      select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f')
        and has_schema_privilege(n.oid, 'usage')
        and has_table_privilege(c.oid, 'select')
    `
    t.ok(readable.length > 100, 'the catalogue is there to be read')
    for (const { name } of readable) {
      const found = await search(sql, `select r::text from ${name} r`)
      if (found.length > 0) t.fail(`${name} shows ${found}`)
    }
    const sources = await search(
      sql,
      'select pg_get_functiondef(oid) from pg_proc where prokind = $$f$$',
    )
    t.same(sources, [])
    const settings = await search(sql, `select name || '=' || setting from pg_settings`)
    t.same(settings, [])
  })

  t.test(`${role} is told none in an error`, async (t) => {
    const attempts = [
      `select auth_private.jwt_secret()`,
      `select auth_private.gateway_config()::text::integer`,
      `select (auth_private.gateway_config() -> 'keys')::text::uuid`,
      `select auth.api_key('service_role')`,
      `select auth_private.sign_jwt('{"role": "service_role"}')`,
      `select auth_private.code_hash('user1@example.com', '${Token}')`,
      `select encrypted_password::integer from auth.users`,
      `select secret::integer from auth_private.signing_keys`,
      `insert into auth_private.signing_keys (secret, status) values ('x', 'in_use')`,
      `select auth.signin('user0@example.com', 'wrong')`,
      `select auth.refresh('${session.refresh_token.slice(0, -3)}')`,
    ]
    for (const attempt of attempts) {
      const error = await sql.unsafe(attempt).then(
        () => undefined,
        (error) => error,
      )
      // The gateway is who needs the keys: to it alone this is granted, and the cast must fail.
      if (!error) t.fail(`${role} may ${attempt}`)
      const told = JSON.stringify(error, Object.getOwnPropertyNames(error ?? {}))
      const withoutOwnWords = told.replaceAll(session.refresh_token.slice(0, -3), '')
      const shown = secrets.filter((secret) => withoutOwnWords.includes(secret))
      if (role !== 'authenticator') t.same(shown, [], attempt)
    }
  })
}

t.test('nobody can begin to dump: pg_dump locks each table before it reads', async (t) => {
  const tables = await owner<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('auth', 'auth_private') and c.relkind in ('r', 'p')
  `
  t.ok(tables.length > 20)
  for (const { name } of tables) {
    // Two statements are one transaction, which a lock wants.
    const lock = `select 1; lock table ${name} in access share mode`
    t.equal(await refused(owner.unsafe(lock)), 'done')
    for (const role of roles) {
      t.match(await refused(role.sql.unsafe(lock)), /^42501 /, `${role.name}, ${name}`)
    }
  }
})

t.test('no setting of the database or of a role holds one', async (t) => {
  t.same(await search(owner, 'select s::text from pg_db_role_setting s'), [])
})

/** The secrets that the first column of a query shows; none where it may not be run. */
async function search(sql: typeof owner, query: string): Promise<string[]> {
  const rows = await sql
    .unsafe(
      `with shown (value) as materialized (${query})
       select distinct secret from string_to_table($1, ' ') secret, shown
       where strpos(value::text, secret) > 0`,
      [secrets.join(' ')],
    )
    .catch(() => [])
  return rows.map(({ secret }) => secret)
}
