-- For PostgREST: name it as db-pre-request, and a token dies there at once, too. By then
-- PostgREST has switched roles, so a token whose role is out of date is refused.

create or replace function auth.pre_request()
returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  claims constant jsonb := coalesce(auth.jwt(), '{}');
  role constant text := auth_private.admit(claims);
begin
  if role <> coalesce(nullif(claims ->> 'role', ''), 'anon') then
    perform auth_private.refuse('role_changed');
  end if;
end
$$;

comment on function auth.pre_request is
  'Checks that the session of the request''s token still lives. Refuses: bad_jwt, user_not_found, session_not_found, user_banned. For PostgREST''s db-pre-request.';

grant execute on function auth.pre_request to anon, authenticated, service_role;
