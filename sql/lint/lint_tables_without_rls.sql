create or replace function auth_private.lint_tables_without_rls()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'error', t.name,
    format('Without row-level security %s can use every row of it.', string_agg(r.name, ' and ')),
    format('alter table %s enable row level security;', t.name)
  from auth_private.exposed_tables() t
  join (values ('anon'), ('authenticated')) r (name)
    on has_table_privilege(r.name, t.oid, 'select, insert, update, delete')
      or has_any_column_privilege(r.name, t.oid, 'select, insert, update')
  where t.kind in ('r', 'p') and not t.guarded
  group by t.name
$$;

comment on function auth_private.lint_tables_without_rls is
  'Finds tables that API roles may use without row-level security.';
