create or replace function auth_private.custom_provider_json(provider auth.custom_oauth_providers)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'id', provider.id,
    'provider_type', provider.provider_type,
    'identifier', provider.identifier,
    'name', provider.name,
    'client_id', provider.client_id,
    'acceptable_client_ids', provider.acceptable_client_ids,
    'scopes', provider.scopes,
    'pkce_enabled', provider.pkce_enabled,
    'attribute_mapping', provider.attribute_mapping,
    'custom_claims_allowlist', provider.custom_claims_allowlist,
    'authorization_params', provider.authorization_params,
    'enabled', provider.enabled,
    'email_optional', provider.email_optional,
    'skip_nonce_check', provider.skip_nonce_check,
    'created_at', auth_private.rfc3339(provider.created_at),
    'updated_at', auth_private.rfc3339(provider.updated_at)
  ) || jsonb_strip_nulls(jsonb_build_object(
    'issuer', provider.issuer,
    'discovery_url', provider.discovery_url,
    'discovery_document', provider.cached_discovery,
    'authorization_url', provider.authorization_url,
    'token_url', provider.token_url,
    'userinfo_url', provider.userinfo_url,
    'jwks_uri', provider.jwks_uri
  ))
$$;

comment on function auth_private.custom_provider_json is
  'A provider of one''s own as the API shows it: without its secret.';
