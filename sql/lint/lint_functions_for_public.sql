create or replace function auth_private.lint_functions_for_public()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', f.name,
    'PUBLIC may execute it, as by default: every role can call it, over the API too.',
    format('revoke execute on function %s from public; ', f.name)
      || format('grant execute on function %s to authenticated;', f.name)
  from auth_private.exposed_functions() f
  join pg_proc p on p.oid = f.oid
  where exists (
    select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0
  )
$$;

comment on function auth_private.lint_functions_for_public is
  'Finds functions that anybody can call because nobody said otherwise.';
