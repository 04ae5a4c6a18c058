-- A refresh token was used that a newer one has replaced: two parties hold copies, and
-- nobody can tell which of them is honest. So both are signed out.

create or replace function auth_private.refresh_reused(session auth.sessions)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  answer jsonb := auth_private.refused('refresh_token_already_used');
begin
  if not (select s.security_refresh_token_rotation_enabled from auth_private.settings s) then
    return answer;
  end if;

  delete from auth.sessions s where s.id = session.id;
  perform auth_private.respond(
    (answer ->> 'code')::integer, '{"sb-auth-refresh-token-rotated": "true"}');
  return answer;
end
$$;

comment on function auth_private.refresh_reused is
  'Ends the session, unless rotation is off, and returns refresh_token_already_used.';
