create or replace function auth.health()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'version', 'pgtrue',
    'name', 'GoTrue',
    'description', 'GoTrue is a user registration and authentication API'
  )
$$;

comment on function auth.health is
  'That the database answers, in the shape of GET /health; the name is the one clients look for.';

grant execute on function auth.health to anon, authenticated, service_role;
