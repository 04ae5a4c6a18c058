-- Safe, but hardly meant: whoever grants a table wants it used. The column that points at
-- the users tells how.

create or replace function auth_private.lint_rls_without_policies()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', t.name,
    'Row-level security is on, and no policy lets anybody see or write a row.',
    case when owner.attname is null
      then format('revoke all on %s from anon, authenticated;', t.name)
      else format('select auth.protect(%L, owner => %L);', t.name, owner.attname) end
  from auth_private.exposed_tables() t
  left join lateral (
    select a.attname
    from pg_constraint f
    join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
    where f.conrelid = t.oid and f.contype = 'f' and f.confrelid = 'auth.users'::regclass
      and cardinality(f.conkey) = 1
    order by a.attnum
    limit 1
  ) owner on true
  where t.kind in ('r', 'p') and t.guarded
    and not exists (select from pg_policy p where p.polrelid = t.oid)
    and exists (
      select
      from (values ('anon'), ('authenticated')) r (name)
      where has_table_privilege(r.name, t.oid, 'select, insert, update, delete')
    )
$$;

comment on function auth_private.lint_rls_without_policies is
  'Finds tables that API roles may use and where no policy lets them see a row.';
