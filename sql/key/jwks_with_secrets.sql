create or replace function auth_private.jwks_with_secrets()
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
  from auth_private.verifying_keys() k
$$;

comment on function auth_private.jwks_with_secrets is
  'The keys that tokens are believed by, secrets among them, as a JWK Set (RFC 7517), the one in use first: for PGRST_JWT_SECRET of a PostgREST. For the owner.';
