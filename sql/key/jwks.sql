create or replace function auth.jwks()
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.respond(200, '{"Cache-Control": "public, max-age=600"}');
  return (
    select jsonb_build_object('keys', coalesce(
      jsonb_agg(
        k.jwk || jsonb_build_object(
          'kid', k.kid, 'alg', k.alg, 'use', 'sig', 'key_ops', array['verify'])
        order by k.status = 'in_use' desc, k.created_at desc),
      '[]'))
    from auth_private.signing_keys k
    where k.alg <> 'HS256' and k.status <> 'revoked'
  );
end
$$;

comment on function auth.jwks is
  'The public keys that access tokens are signed with, as a JWK Set (RFC 7517), for whoever verifies them without asking: those in use, standby and previous. GET /.well-known/jwks.json.';

grant execute on function auth.jwks to anon, authenticated, service_role;
