-- Who sees a session that is not theirs can end it: OWASP ASVS 5.0, 7.5.2. GoTrue has no such list.

create or replace function auth.list_sessions()
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  return auth_private.sessions_json(actor.id);
end
$$;

comment on function auth.list_sessions is
  'The sessions of the user of the request, the newest first: [{id, created_at, last_used_at, not_after, aal, user_agent, ip, current}]; current is the session that asks. GET /user/sessions.';

grant execute on function auth.list_sessions to authenticated, service_role;
