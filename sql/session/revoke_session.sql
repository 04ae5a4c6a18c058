create or replace function auth.revoke_session(session_id uuid default null)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  delete from auth.sessions s
  where s.id = revoke_session.session_id and s.user_id = actor.id;
  -- Somebody else's is answered as one that there never was.
  if not found then
    perform auth_private.refuse('session_unknown');
  end if;
  perform auth_private.audit('logout', 'account', actor,
    jsonb_build_object('session_id', revoke_session.session_id));
  perform auth_private.respond(204);
end
$$;

comment on function auth.revoke_session is
  'Ends one session of the user of the request, and at once its access token. Refuses: session_not_found. DELETE /user/sessions/{session_id}.';

grant execute on function auth.revoke_session to authenticated, service_role;
