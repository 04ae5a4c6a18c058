create or replace function auth_private.alter_policy(
  name text,
  relation_name text,
  using_text text,
  check_text text
)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select format('alter policy %s on %s', name, relation_name)
    || coalesce(' using (' || using_text || ')', '')
    || coalesce(' with check (' || check_text || ')', '')
    || ';'
$$;

comment on function auth_private.alter_policy is
  'The statement that gives a policy these expressions; null leaves one as it is.';
