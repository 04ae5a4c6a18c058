create or replace function auth_private.verification_keys()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('keys', coalesce(
    jsonb_agg(
      jsonb_strip_nulls(jsonb_build_object('kid', k.kid, 'alg', k.alg))
        || coalesce(k.jwk, jsonb_build_object(
          'kty', 'oct', 'k', auth_private.base64url(convert_to(k.secret, 'UTF8'))))
      order by k.status = 'in_use' desc, k.created_at desc),
    '[]'))
  from auth_private.signing_keys k
  cross join auth_private.settings s
  where k.status <> 'revoked'
    and (s.jwt_valid_methods = '{}' or k.alg = any (s.jwt_valid_methods))
$$;

comment on function auth_private.verification_keys is
  'The keys that tokens are believed by, secrets among them, as a JWK Set (RFC 7517), the one in use first: for the gateway, and for PGRST_JWT_SECRET of a PostgREST. For the owner.';
