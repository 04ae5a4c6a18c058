create or replace function auth_private.admin_actor()
returns auth.users
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users;
begin
  actor.id := '00000000-0000-0000-0000-000000000000';
  actor.is_sso_user := false;
  -- In psql there is no token: then it is the role that was set, or the login.
  actor.email := coalesce(
    nullif(auth.role(), ''), nullif(current_setting('role'), 'none'), session_user);
  return actor;
end
$$;

comment on function auth_private.admin_actor is
  'Who acts where an admin does, for the audit log: a user with the nil id, and the role as address.';
