create or replace function auth_private.hmac_jwt(claims jsonb, k auth_private.signing_keys)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  input constant text := auth_private.jwt_input(claims, k);
begin
  return input || '.' || auth_private.base64url(auth_private.hmac_sha256(
    convert_to(input, 'UTF8'),
    coalesce(convert_to(k.secret, 'UTF8'), auth_private.from_base64url(k.jwk ->> 'k'))));
end
$$;

comment on function auth_private.hmac_jwt is
  'The claims as a JWT in compact form (RFC 7519, RFC 7515), signed with this HS256 key, which never leaves the database by this.';
