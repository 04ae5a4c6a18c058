create or replace function auth_private.jwt_input(claims jsonb, k auth_private.signing_keys)
returns text
language sql stable
return auth_private.base64url(convert_to(jsonb_strip_nulls(
    jsonb_build_object('alg', k.alg, 'typ', 'JWT', 'kid', k.kid))::text, 'UTF8'))
  || '.' || auth_private.base64url(convert_to(claims::text, 'UTF8'));

comment on function auth_private.jwt_input is
  'Header and claims of a JWT in compact form (RFC 7515): what the key is to sign.';
