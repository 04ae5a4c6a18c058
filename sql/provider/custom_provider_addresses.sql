-- Names as in gateway/provider/types.ts.

create or replace function auth_private.custom_provider_addresses(
  provider auth.custom_oauth_providers
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'provider_type', provider.provider_type,
    'issuer', provider.issuer,
    'discovery_url', provider.discovery_url,
    'authorization_url', provider.authorization_url,
    'token_url', provider.token_url,
    'userinfo_url', provider.userinfo_url,
    'jwks_uri', provider.jwks_uri))
$$;

comment on function auth_private.custom_provider_addresses is
  'What of a provider of one''s own leads to other sites, for the gateway to vet.';
