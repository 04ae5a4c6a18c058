-- Decides whether a token may ask for what admins may. The role in it is what counts, so
-- an API key will do; where the token belongs to a session, its user must still have such
-- a role, so that taking the role away takes effect at once. With the hook
-- custom_access_token it is the hook that gives the role, and only the token has it.

create or replace function auth_private.admit_admin(claims jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  uuid_form constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
  no_session constant text := '00000000-0000-0000-0000-000000000000';
  session text := coalesce(nullif(claims ->> 'session_id', ''), no_session);
  admins constant text[] := (select s.jwt_admin_roles from auth_private.settings s);
  bearer auth.users;
  role text;
  present auth.sessions;
begin
  if coalesce(claims ->> 'role', '') <> all (admins) then
    perform auth_private.refuse('not_admin');
  end if;
  if session = no_session then
    return claims ->> 'role';
  end if;

  if session ~ uuid_form and claims ->> 'sub' ~ uuid_form then
    select * into present
    from auth.sessions s
    where s.id = session::uuid and s.user_id = (claims ->> 'sub')::uuid;
    select * into bearer
    from auth.users u
    where u.id = present.user_id and u.deleted_at is null;
  end if;
  if bearer.id is null then
    perform auth_private.refuse('admin_session_expired');
  end if;
  if bearer.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;
  role := case when auth_private.hook_uri('custom_access_token') is null
    then bearer.role else claims ->> 'role' end;
  if coalesce(role, '') <> all (admins) then
    perform auth_private.refuse('not_admin');
  end if;
  if auth_private.session_fault(present) is not null then
    perform auth_private.refuse('admin_session_expired');
  end if;
  return role;
end
$$;

comment on function auth_private.admit_admin is
  'The database role that an admin''s request with these verified claims runs as. Refuses: not_admin, session_expired, user_banned.';
