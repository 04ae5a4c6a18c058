// What auth.lint() finds, each planted; and that it has nothing to say of a clean schema.

import t from 'tap'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)

type Finding = { severity: string; rule: string; object: string; why: string; remedy: string }

const lint = () => sql<Finding[]>`select * from auth.lint()`

/** Runs a script, looks, and mends by what was found; the findings before and after. */
async function planted(script: string) {
  return sql
    .begin(async (sql) => {
      await sql.unsafe(script)
      const found = await sql<Finding[]>`select * from auth.lint()`
      for (const { remedy } of found) await sql.unsafe(remedy)
      const left = await sql<Finding[]>`select * from auth.lint()`
      throw Object.assign(new Error('undone'), { found: [...found], left: [...left] })
    })
    .catch((undone) => {
      if (!undone.found) throw undone
      return undone as { found: Finding[]; left: Finding[] }
    })
}

const table = 'create table t (id bigint primary key, user_id uuid, tags text[]);'
const guarded = `${table} alter table t enable row level security; create index on t (user_id);`

t.test('a schema in which all is well has no findings', async (t) => {
  t.same(await lint(), [])
  const { found } = await planted(`
    ${table}
    create table secrets (id bigint);
    select auth.protect('t');
    create view own with (security_invoker = true) as select id from t;
    grant select on own to authenticated;
    create function mine() returns bigint language sql stable return 1;
    revoke execute on function mine() from public;
    grant execute on function mine() to authenticated;
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create policy team on t for select to authenticated
      using (id = 1 and (select auth.jwt() -> 'app_metadata' ->> 'team') = any (tags));
  `)
  t.same(found, [])
})

const finds: [claim: string, script: string, found: Finding[], mended?: boolean][] = [
  [
    'a table without row-level security that API roles may use',
    `${table} grant select on t to anon, authenticated`,
    [
      {
        severity: 'error',
        rule: 'table_without_rls',
        object: 'public.t',
        why: 'Without row-level security anon and authenticated can use every row of it.',
        remedy: 'alter table public.t enable row level security;',
      },
    ],
    false,
  ],
  [
    'row-level security without a policy, with the column that tells whose rows they are',
    `create table t (id bigint, "Owner" uuid references auth.users on delete cascade);
     alter table t enable row level security; grant select on t to authenticated`,
    [
      {
        severity: 'warning',
        rule: 'rls_without_policies',
        object: 'public.t',
        why: 'Row-level security is on, and no policy lets anybody see or write a row.',
        remedy: "select auth.protect('public.t', owner => 'Owner');",
      },
    ],
  ],
  [
    'row-level security without a policy on a table that is nobody’s',
    `create table t (id bigint); alter table t enable row level security;
     grant select on t to authenticated`,
    [
      {
        severity: 'warning',
        rule: 'rls_without_policies',
        object: 'public.t',
        why: 'Row-level security is on, and no policy lets anybody see or write a row.',
        remedy: 'revoke all on public.t from anon, authenticated;',
      },
    ],
  ],
  [
    'a call for every row, wherever it stands in a policy',
    `${guarded} create policy own on t to authenticated
       using (user_id = auth.uid() and (select auth.role()) = 'authenticated')
       with check (auth.uid() = user_id or exists (select from t o where o.user_id = auth.uid()))`,
    [
      {
        severity: 'warning',
        rule: 'call_per_row',
        object: 'policy own on public.t',
        why: 'It calls a function of schema auth for every row; in a sub-select the call is made once.',
        remedy:
          'alter policy own on public.t using (((user_id = ( SELECT auth.uid())) AND ' +
          "(( SELECT auth.role() AS role) = 'authenticated'::text))) with check (((( SELECT auth.uid()) = user_id) OR " +
          '(EXISTS ( SELECT\n   FROM public.t o\n  WHERE (o.user_id = ( SELECT auth.uid()))))));',
      },
    ],
  ],
  [
    'a column that a policy compares, without an index',
    `${table} alter table t enable row level security;
     create policy own on t to authenticated using (user_id = (select auth.uid()))`,
    [
      {
        severity: 'warning',
        rule: 'policy_column_without_index',
        object: 'public.t.user_id',
        why: 'Policy own compares this column, and no index begins with it: each query reads the whole table.',
        remedy: 'create index on public.t (user_id);',
      },
    ],
  ],
  [
    'a policy that believes what users say of themselves',
    `${guarded} create policy admins on t to authenticated
       using ((select auth.jwt() -> 'user_metadata' ->> 'role') = 'admin')`,
    [
      {
        severity: 'error',
        rule: 'policy_on_user_metadata',
        object: 'policy admins on public.t',
        why: 'It decides by user_metadata, which users write themselves: anybody can grant herself whatever it asks for.',
        remedy:
          "alter policy admins on public.t using ((( SELECT ((auth.jwt() -> 'app_metadata'::text) ->> 'role'::text)) = 'admin'::text));",
      },
    ],
  ],
  [
    'a policy for everybody that only a signed-in user passes',
    `${guarded} create policy "My rows" on t using (user_id = (select auth.uid()))`,
    [
      {
        severity: 'warning',
        rule: 'policy_to_public',
        object: 'policy "My rows" on public.t',
        why: 'It is for everybody, yet asks who is signed in: requests without a user try it in vain, on every row.',
        remedy: 'alter policy "My rows" on public.t to authenticated;',
      },
    ],
  ],
  [
    'a view that reads past the policies of a table',
    `${guarded} create policy own on t to authenticated using (user_id = (select auth.uid()));
     create view inner_view as select id from t; create view v as select id from inner_view;
     grant select on v to authenticated`,
    [
      {
        severity: 'error',
        rule: 'view_of_owner',
        object: 'public.v',
        why: 'It shows the rows of public.t as its owner sees them, past row-level security.',
        remedy: 'alter view public.v set (security_invoker = true);',
      },
    ],
  ],
  [
    'a view of the users, and a copy of a guarded table',
    `create view people as select id, email from auth.users;
     ${guarded} create policy own on t to authenticated using (user_id = (select auth.uid()));
     create materialized view copy as select id from t;
     grant select on people to anon; grant select on copy to authenticated`,
    [
      {
        severity: 'error',
        rule: 'view_of_owner',
        object: 'public.copy',
        why: 'It shows the rows of public.t as its owner sees them, past row-level security.',
        remedy: 'revoke all on public.copy from anon, authenticated;',
      },
      {
        severity: 'error',
        rule: 'view_of_owner',
        object: 'public.people',
        why: 'It shows the rows of auth.users as its owner sees them, past row-level security.',
        remedy: 'alter view public.people set (security_invoker = true);',
      },
    ],
  ],
  [
    'a definer on a search_path of its callers, which a request without a user can call',
    `create function f(a integer) returns integer language sql security definer as 'select 1';
     revoke execute on function f from public; grant execute on function f to anon`,
    [
      {
        severity: 'error',
        rule: 'definer_without_path',
        object: 'public.f(integer)',
        why: "It runs as its owner on the caller's search_path, where a caller can put things of her own.",
        remedy: 'alter function public.f(integer) set search_path = pg_catalog, public, pg_temp;',
      },
      {
        severity: 'warning',
        rule: 'definer_for_anon',
        object: 'public.f(integer)',
        why: 'It runs as its owner, past row-level security, and a request without a user can call it.',
        remedy: 'revoke execute on function public.f(integer) from public, anon;',
      },
    ],
  ],
  [
    'a function that anybody may call because nobody said otherwise',
    'create function f() returns integer language sql stable return 1',
    [
      {
        severity: 'warning',
        rule: 'function_for_public',
        object: 'public.f()',
        why: 'PUBLIC may execute it, as by default: every role can call it, over the API too.',
        remedy:
          'revoke execute on function public.f() from public; grant execute on function public.f() to authenticated;',
      },
    ],
  ],
  [
    'a table that a request without a user may write',
    `${guarded} create policy own on t to authenticated using (user_id = (select auth.uid()));
     grant insert on t to anon`,
    [
      {
        severity: 'warning',
        rule: 'table_anon_writes',
        object: 'public.t',
        why: 'A request without a user may write it, as far as policies let it.',
        remedy: 'revoke insert, update, delete, truncate on public.t from anon;',
      },
    ],
  ],
]

for (const [claim, script, expected, mended = true] of finds) {
  t.test(`finds ${claim}`, async (t) => {
    const { found, left } = await planted(script)
    t.same(found, expected)
    if (mended) t.same(left, [], 'and what it says mends it')
  })
}

t.test(
  'looks only at the schemas that the API serves, and not at what extensions made',
  async (t) => {
    const { found } = await planted(`
    create schema inside; create table inside.t (id bigint); grant select on inside.t to anon;
  `)
    t.same(found, [])
    const { found: served } = await planted(`
    create schema inside; create table inside.t (id bigint); grant select on inside.t to anon;
    select auth.configure('{"db_schemas": "inside"}');
  `)
    t.match(served, [{ rule: 'table_without_rls', object: 'inside.t' }])
  },
)

t.test('is for the owner', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role']) {
    await t.rejects(
      sql.begin(async (sql) => {
        await sql`select set_config('role', ${role}, true)`
        await sql`select * from auth.lint()`
      }),
      { code: '42501' },
      role,
    )
  }
})
