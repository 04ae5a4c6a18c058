create or replace function auth_private.lint_tables_anon_writes()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', t.name,
    'A request without a user may write it, as far as policies let it.',
    format('revoke insert, update, delete, truncate on %s from anon;', t.name)
  from auth_private.exposed_tables() t
  where has_table_privilege('anon', t.oid, 'insert, update, delete, truncate')
$$;

comment on function auth_private.lint_tables_anon_writes is
  'Finds tables that a request without a user may write.';
