-- What is wrong with the policies, grants and functions of the application: for people in
-- psql, and for CI by `npx pgtrue lint`.

create or replace function auth.lint()
returns table (severity text, rule text, object text, why text, remedy text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.severity, f.rule, f.object, f.why, f.remedy
  from (
    select 'table_without_rls' as rule, l.* from auth_private.lint_tables_without_rls() l
    union all
    select 'view_of_owner', l.* from auth_private.lint_views_of_owner() l
    union all
    select 'policy_on_user_metadata', l.* from auth_private.lint_user_metadata() l
    union all
    select 'definer_without_path', l.* from auth_private.lint_definers_without_path() l
    union all
    select 'definer_for_anon', l.* from auth_private.lint_definers_for_anon() l
    union all
    select 'function_for_public', l.* from auth_private.lint_functions_for_public() l
    union all
    select 'table_anon_writes', l.* from auth_private.lint_tables_anon_writes() l
    union all
    select 'rls_without_policies', l.* from auth_private.lint_rls_without_policies() l
    union all
    select 'policy_to_public', l.* from auth_private.lint_policies_to_public() l
    union all
    select 'call_per_row', l.* from auth_private.lint_calls_per_row() l
    union all
    select 'policy_column_without_index', l.* from auth_private.lint_policy_columns() l
  ) f
  order by f.severity, f.rule, f.object
$$;

comment on function auth.lint is
  'Findings about the application''s tables, views, policies and functions in the schemas that the API serves: severity (error or warning), rule, object, why, and the statement that mends it. Empty where all is well. For the owner.';
