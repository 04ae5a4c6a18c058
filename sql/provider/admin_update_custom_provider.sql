-- Over HTTP it is called twice, as auth.admin_create_custom_provider. Only what is changed is
-- vetted anew.

create or replace function auth.admin_update_custom_provider(
  identifier text default null,
  name text default null,
  client_id text default null,
  client_secret text default null,
  acceptable_client_ids text[] default null,
  scopes text[] default null,
  pkce_enabled boolean default null,
  attribute_mapping jsonb default null,
  custom_claims_allowlist text[] default null,
  authorization_params jsonb default null,
  enabled boolean default null,
  email_optional boolean default null,
  issuer text default null,
  discovery_url text default null,
  skip_nonce_check boolean default null,
  authorization_url text default null,
  token_url text default null,
  userinfo_url text default null,
  jwks_uri text default null,
  discovery_document jsonb default null,
  only_check boolean default false
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  moved constant boolean := coalesce(issuer, '') <> '' or coalesce(discovery_url, '') <> '';
  made auth.custom_oauth_providers;
  vetted auth.custom_oauth_providers;
begin
  perform auth_private.require_custom_providers();
  perform auth_private.check_custom_identifier(identifier);
  -- Not before what is said is known to be good: GoTrue's order.
  made.authorization_params := coalesce(authorization_params, '{}');
  made.attribute_mapping := coalesce(attribute_mapping, '{}');
  made.custom_claims_allowlist := coalesce(custom_claims_allowlist, '{}');
  perform auth_private.check_custom_provider(made);
  made := auth_private.custom_provider_named(identifier);

  made.name := coalesce(nullif(name, ''), made.name);
  made.client_id := coalesce(nullif(client_id, ''), made.client_id);
  made.client_secret := coalesce(nullif(client_secret, ''), made.client_secret);
  made.acceptable_client_ids := coalesce(acceptable_client_ids, made.acceptable_client_ids);
  made.scopes := coalesce(scopes, made.scopes);
  made.pkce_enabled := coalesce(pkce_enabled, made.pkce_enabled);
  made.attribute_mapping := coalesce(attribute_mapping, made.attribute_mapping);
  made.custom_claims_allowlist := coalesce(custom_claims_allowlist, made.custom_claims_allowlist);
  made.authorization_params := coalesce(authorization_params, made.authorization_params);
  made.enabled := coalesce(enabled, made.enabled);
  made.email_optional := coalesce(email_optional, made.email_optional);
  vetted.provider_type := made.provider_type;
  if made.provider_type = 'oidc' then
    made.scopes := auth_private.with_openid(made.scopes);
    made.skip_nonce_check := coalesce(skip_nonce_check, made.skip_nonce_check);
    made.issuer := coalesce(nullif(issuer, ''), made.issuer);
    made.discovery_url := coalesce(nullif(discovery_url, ''), made.discovery_url);
    if moved then
      made.cached_discovery := discovery_document;
      made.discovery_cached_at := case when discovery_document is not null then now() end;
      vetted.issuer := made.issuer;
      vetted.discovery_url := made.discovery_url;
    end if;
  else
    vetted.authorization_url := nullif(authorization_url, '');
    vetted.token_url := nullif(token_url, '');
    vetted.userinfo_url := nullif(userinfo_url, '');
    vetted.jwks_uri := nullif(jwks_uri, '');
    made.authorization_url := coalesce(vetted.authorization_url, made.authorization_url);
    made.token_url := coalesce(vetted.token_url, made.token_url);
    made.userinfo_url := coalesce(vetted.userinfo_url, made.userinfo_url);
    made.jwks_uri := coalesce(vetted.jwks_uri, made.jwks_uri);
  end if;
  perform auth_private.check_custom_provider(made);
  if only_check then
    return auth_private.custom_provider_addresses(vetted);
  end if;
  perform auth_private.check_custom_urls(made);

  update auth.custom_oauth_providers c
  set name = made.name, client_id = made.client_id, client_secret = made.client_secret,
    acceptable_client_ids = made.acceptable_client_ids, scopes = made.scopes,
    pkce_enabled = made.pkce_enabled, attribute_mapping = made.attribute_mapping,
    custom_claims_allowlist = made.custom_claims_allowlist,
    authorization_params = made.authorization_params, enabled = made.enabled,
    email_optional = made.email_optional, skip_nonce_check = made.skip_nonce_check,
    issuer = made.issuer, discovery_url = made.discovery_url,
    cached_discovery = made.cached_discovery, discovery_cached_at = made.discovery_cached_at,
    authorization_url = made.authorization_url, token_url = made.token_url,
    userinfo_url = made.userinfo_url, jwks_uri = made.jwks_uri, updated_at = now()
  where c.id = made.id
  returning c.* into made;
  return auth_private.custom_provider_json(made);
end
$$;

comment on function auth.admin_update_custom_provider is
  'Changes what is given of a provider of one''s own, as auth.admin_update_custom_provider(''custom:acme'', enabled => false); type and identifier stay. Empty texts change nothing, empty lists do. Returns it without its secret; with only_check stores nothing and returns what is to be vetted. Refuses: custom_provider_not_found, validation_failed, feature_disabled. For the owner and the gateway. PUT /admin/custom-providers/{identifier}.';

grant execute on function auth.admin_update_custom_provider to authenticator;
