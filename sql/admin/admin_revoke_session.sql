create or replace function auth.admin_revoke_session(
  user_id uuid default null,
  session_id uuid default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from auth.sessions s
  where s.id = admin_revoke_session.session_id and s.user_id = admin_revoke_session.user_id;
  if not found then
    perform auth_private.refuse('session_unknown');
  end if;
  perform auth_private.audit('logout', 'account', auth_private.admin_actor(),
    jsonb_build_object('user_id', admin_revoke_session.user_id,
      'session_id', admin_revoke_session.session_id));
  perform auth_private.respond(204);
end
$$;

comment on function auth.admin_revoke_session is
  'Ends one session of any user, and at once its access token. Refuses: session_not_found. DELETE /admin/users/{user_id}/sessions/{session_id}.';

grant execute on function auth.admin_revoke_session to service_role;
