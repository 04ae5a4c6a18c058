create or replace function auth_private.is_admin(actor auth.users)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(actor.role = s.jwt_admin_group_name and actor.aud = s.jwt_aud, false)
  from auth_private.settings s
$$;

comment on function auth_private.is_admin is
  'Whether a user is of the group that may set its own app_metadata.';
