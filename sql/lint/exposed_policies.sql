create or replace function auth_private.exposed_policies()
returns table (
  oid oid,
  name text,
  relation oid,
  relation_name text,
  roles oid[],
  using_text text,
  check_text text
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select p.oid, quote_ident(p.polname), t.oid, t.name, p.polroles,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
  from pg_policy p
  join auth_private.exposed_tables() t on t.oid = p.polrelid
$$;

comment on function auth_private.exposed_policies is
  'Policies on tables of the schemas that the API serves, their expressions as text with all names qualified.';
