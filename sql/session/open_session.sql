create or replace function auth_private.open_session(user_id uuid, method text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  opened auth.sessions;
  owner auth.users;
begin
  insert into auth.sessions (
    id, user_id, created_at, updated_at, aal, user_agent, ip,
    refresh_token_hmac_key, refresh_token_counter
  )
  values (
    gen_random_uuid(), open_session.user_id, now(), now(), 'aal1',
    auth_private.request_header('user-agent'), auth_private.client_ip(),
    auth_private.base64url(auth_private.random_bytes(32)), 0
  )
  returning * into opened;

  insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
  values (gen_random_uuid(), opened.id, open_session.method, now(), now());

  update auth.users u
  set last_sign_in_at = now(), updated_at = now()
  where u.id = open_session.user_id
  returning * into strict owner;

  return auth_private.session_json(opened, owner, open_session.method);
end
$$;

comment on function auth_private.open_session is
  'Signs the user in: a new session, proven by the method (an amr value), in the shape of the API.';
