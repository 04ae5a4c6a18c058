-- Nothing is stored for a refresh token. It says whose it is and which one, and the
-- session's own key signs that; the last four bytes let a typing error be told cheaply.

create or replace function auth_private.refresh_token(session auth.sessions)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.base64url(signed.bytes || substring(sha256(signed.bytes) for 4))
  from (
    select decode('00', 'hex') || uuid_send(session.id)
      || auth_private.varint(session.refresh_token_counter) as bytes
  ) said
  cross join lateral (
    select said.bytes || substring(auth_private.hmac_sha256(said.bytes,
      auth_private.from_base64url(session.refresh_token_hmac_key)) for 16) as bytes
  ) signed
$$;

comment on function auth_private.refresh_token is
  'The session''s present refresh token: base64url of 00, session id, counter as varint, 16 bytes of HMAC-SHA256, 4 bytes of SHA-256.';
