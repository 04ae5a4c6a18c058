-- Nothing is stored for a refresh token. It says whose it is and which one, and the
-- session's own key signs that; the last four bytes let a typing error be told cheaply.

create or replace function auth_private.refresh_token(session auth.sessions)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  said constant bytea := '\x00' || uuid_send(session.id)
    || auth_private.varint(session.refresh_token_counter);
  signed constant bytea := said || substring(
    auth_private.hmac_sha256(said, auth_private.from_base64url(session.refresh_token_hmac_key))
    for 16);
begin
  return auth_private.base64url(signed || substring(sha256(signed) for 4));
end
$$;

comment on function auth_private.refresh_token is
  'The session''s present refresh token: base64url of 00, session id, counter as varint, 16 bytes of HMAC-SHA256, 4 bytes of SHA-256.';
