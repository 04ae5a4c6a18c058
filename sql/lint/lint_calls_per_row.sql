create or replace function auth_private.lint_calls_per_row()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', format('policy %s on %s', p.name, p.relation_name),
    'It calls a function of schema auth for every row; in a sub-select the call is made once.',
    auth_private.alter_policy(p.name, p.relation_name,
      auth_private.wrap_calls(p.using_text), auth_private.wrap_calls(p.check_text))
  from auth_private.exposed_policies() p
  where (p.using_text, p.check_text) is distinct from
    (auth_private.wrap_calls(p.using_text), auth_private.wrap_calls(p.check_text))
$$;

comment on function auth_private.lint_calls_per_row is
  'Finds policies that call a policy helper once a row.';
