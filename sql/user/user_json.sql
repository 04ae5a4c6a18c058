create or replace function auth_private.user_json(u auth.users)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.bare_user_json(u)
    || jsonb_build_object('identities', auth_private.identities_json(u.id))
    || coalesce((
      select jsonb_build_object('factors', f)
      from auth_private.factors_json(u.id) f
      where f is not null
    ), '{}')
$$;

comment on function auth_private.user_json is
  'A user in the shape of the API.';
