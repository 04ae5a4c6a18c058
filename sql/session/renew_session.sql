create or replace function auth_private.renew_session(
  session auth.sessions,
  owner auth.users,
  reuse_cause text default null
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  renewed auth.sessions := session;
begin
  -- A repeated refresh answers with the token that is current and moves nothing.
  if reuse_cause is null then
    update auth.sessions s
    set refresh_token_counter = s.refresh_token_counter + 1,
      refreshed_at = now() at time zone 'utc',
      updated_at = now(),
      user_agent = coalesce(auth_private.request_header('user-agent'), s.user_agent),
      ip = coalesce(auth_private.client_ip(), s.ip)
    where s.id = session.id
    returning * into strict renewed;
  end if;

  perform auth_private.audit('token_refreshed', 'token', owner);
  return auth_private.session_json(renewed, owner, 'token_refresh', jsonb_strip_nulls(
    jsonb_build_object(
      -- GoTrue says false, and nothing where it would be true.
      'sb-auth-refresh-token-reuse', case when reuse_cause is null then false end,
      'sb-auth-refresh-token-reuse-cause', reuse_cause)));
end
$$;

comment on function auth_private.renew_session is
  'The session with its next refresh token; with a reuse_cause, with the one that is current.';
