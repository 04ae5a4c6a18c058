-- Signs with the key in use, which never leaves the database by this.

create or replace function auth_private.sign_jwt(claims jsonb)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select signed.input || '.' || auth_private.base64url(
    auth_private.hmac_sha256(convert_to(signed.input, 'UTF8'), convert_to(k.secret, 'UTF8')))
  from auth_private.signing_keys k
  cross join lateral (
    select auth_private.base64url(convert_to(jsonb_strip_nulls(
        jsonb_build_object('alg', k.alg, 'typ', 'JWT', 'kid', k.kid))::text, 'UTF8'))
      || '.' || auth_private.base64url(convert_to(sign_jwt.claims::text, 'UTF8')) as input
  ) signed
  where k.status = 'in_use'
$$;

comment on function auth_private.sign_jwt is
  'The claims as a signed JWT in compact form (RFC 7519, RFC 7515).';
