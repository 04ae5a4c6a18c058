-- The answer to everything that signs in. The headers are GoTrue's.

create or replace function auth_private.session_json(
  session auth.sessions,
  u auth.users,
  method text,
  headers jsonb default '{}'
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- How long the token lives is told by our own claims, whatever a hook makes of them.
  claims constant jsonb := auth_private.session_claims(session, u);
begin
  perform auth_private.respond(200, jsonb_build_object(
    'sb-auth-user-id', u.id,
    'sb-auth-session-id', session.id,
    'sb-auth-refresh-token-counter', session.refresh_token_counter
  ) || session_json.headers);

  return jsonb_build_object(
    'access_token', auth_private.sign_jwt(
      auth_private.custom_claims(claims, u.id, session_json.method)),
    'token_type', 'bearer',
    'expires_in', (claims ->> 'exp')::bigint - (claims ->> 'iat')::bigint,
    'expires_at', (claims ->> 'exp')::bigint,
    'refresh_token', auth_private.refresh_token(session),
    'user', auth_private.user_json(u)
  );
end
$$;

comment on function auth_private.session_json is
  'Access token, refresh token and user in the shape of the API; expires_in in seconds, expires_at in Unix seconds. method: how this token was come by, an amr value or token_refresh. headers: more of them.';
