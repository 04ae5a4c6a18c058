create or replace function auth_private.lint_definers_for_anon()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', f.name,
    'It runs as its owner, past row-level security, and a request without a user can call it.',
    format('revoke execute on function %s from public, anon;', f.name)
  from auth_private.exposed_functions() f
  where f.definer and has_function_privilege('anon', f.oid, 'execute')
$$;

comment on function auth_private.lint_definers_for_anon is
  'Finds SECURITY DEFINER functions that a request without a user can call.';
