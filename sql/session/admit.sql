-- Decides whether a token that is well signed and in time is still good, and as what
-- the request runs. One probe by primary key, so that signing out, a ban, a deletion
-- and a new role take effect at the next statement.
--
-- With the hook custom_access_token the role is what the application decided when it was
-- asked, and stands in the token: the user's own counts no more.

create or replace function auth_private.admit(claims jsonb, required text default 'none')
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  uuid_form constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
  no_session constant text := '00000000-0000-0000-0000-000000000000';
  sub text := coalesce(claims ->> 'sub', '');
  session text := coalesce(nullif(claims ->> 'session_id', ''), no_session);
  bearer record;
begin
  if required = 'admin' then
    return auth_private.admit_admin(claims);
  end if;
  if required = 'user' and sub = '' then
    perform auth_private.refuse('sub_missing');
  end if;
  if required = 'user' and sub !~ uuid_form then
    perform auth_private.refuse('sub_not_uuid');
  end if;
  if session !~ uuid_form then
    perform auth_private.refuse('session_id_not_uuid');
  end if;

  if required <> 'user' then
    -- Others may sign tokens with our key that name none of our users. Most requests end
    -- here, so this asks no table.
    if session = no_session or sub !~ uuid_form then
      return coalesce(nullif(claims ->> 'role', ''), 'anon');
    end if;
    if not (select s.sessions_checked_live from auth_private.settings s) then
      return coalesce(nullif(claims ->> 'role', ''), 'anon');
    end if;
  end if;

  select case when by.hook_custom_access_token_enabled then claims ->> 'role' else u.role end
      as role,
    u.banned_until, s.id as session_id
  into bearer
  from auth.users u
  cross join auth_private.settings by
  left join auth.sessions s on s.id = session::uuid and s.user_id = u.id
  where u.id = sub::uuid and u.deleted_at is null;

  if not found then
    perform auth_private.refuse('user_not_found');
  end if;
  if session <> no_session and bearer.session_id is null then
    perform auth_private.refuse('session_not_found');
  end if;
  if bearer.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  return coalesce(nullif(bearer.role, ''), 'anon');
end
$$;

comment on function auth_private.admit is
  'The database role that a request with these verified claims runs as. required: none, user where only a user will do, or admin. Refuses: bad_jwt, user_not_found, session_not_found, user_banned, not_admin, session_expired.';

grant execute on function auth_private.admit to authenticator;
