-- Over HTTP it is called twice, with the gateway between, which looks at the addresses and asks the
-- issuer for its document: first with only_check.

create or replace function auth.admin_create_custom_provider(
  provider_type text default null,
  identifier text default null,
  name text default null,
  client_id text default null,
  client_secret text default null,
  acceptable_client_ids text[] default '{}',
  scopes text[] default '{}',
  pkce_enabled boolean default true,
  attribute_mapping jsonb default '{}',
  custom_claims_allowlist text[] default '{}',
  authorization_params jsonb default '{}',
  enabled boolean default true,
  email_optional boolean default false,
  issuer text default null,
  discovery_url text default null,
  skip_nonce_check boolean default false,
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
  oidc constant boolean := coalesce(provider_type, '') = 'oidc';
  most constant integer := (select s.custom_oauth_max_providers from auth_private.settings s);
  made auth.custom_oauth_providers;
  missing text;
begin
  perform auth_private.require_custom_providers();
  if coalesce(provider_type, '') not in ('oauth2', 'oidc') then
    perform auth_private.refuse('custom_provider_type');
  end if;
  perform auth_private.check_custom_identifier(identifier);
  select f.field into missing
  from (values (1, 'name', name), (2, 'client_id', client_id), (3, 'client_secret', client_secret))
    f (place, field, value)
  where coalesce(f.value, '') = ''
  order by f.place
  limit 1;
  if found then
    perform auth_private.refuse('custom_provider_without', array[missing]);
  end if;
  if oidc and coalesce(issuer, '') = '' then
    perform auth_private.refuse('custom_provider_without_issuer');
  end if;
  select f.field into missing
  from (
    values (1, 'authorization_url', authorization_url), (2, 'token_url', token_url),
      (3, 'userinfo_url', userinfo_url)
  ) f (place, field, value)
  where not oidc and coalesce(f.value, '') = ''
  order by f.place
  limit 1;
  if found then
    perform auth_private.refuse('custom_provider_without_url', array[missing]);
  end if;

  made.id := gen_random_uuid();
  made.provider_type := provider_type;
  made.identifier := identifier;
  made.name := name;
  made.client_id := client_id;
  made.client_secret := client_secret;
  made.acceptable_client_ids := coalesce(acceptable_client_ids, '{}');
  made.scopes := coalesce(scopes, '{}');
  made.pkce_enabled := coalesce(pkce_enabled, true);
  made.attribute_mapping := coalesce(attribute_mapping, '{}');
  made.custom_claims_allowlist := coalesce(custom_claims_allowlist, '{}');
  made.authorization_params := coalesce(authorization_params, '{}');
  made.enabled := coalesce(enabled, true);
  made.email_optional := coalesce(email_optional, false);
  made.skip_nonce_check := oidc and coalesce(skip_nonce_check, false);
  made.created_at := now();
  made.updated_at := now();
  if oidc then
    made.scopes := auth_private.with_openid(made.scopes);
    made.issuer := issuer;
    made.discovery_url := nullif(discovery_url, '');
    made.cached_discovery := discovery_document;
    made.discovery_cached_at := case when discovery_document is not null then now() end;
  else
    made.authorization_url := authorization_url;
    made.token_url := token_url;
    made.userinfo_url := userinfo_url;
    made.jwks_uri := nullif(jwks_uri, '');
  end if;
  perform auth_private.check_custom_provider(made);

  -- Of several that are made at once, no more than are allowed.
  perform pg_advisory_xact_lock(hashtextextended('auth.custom_oauth_providers', 0));
  if most > 0 and (select count(*) from auth.custom_oauth_providers) >= most then
    perform auth_private.refuse('custom_provider_quota');
  end if;
  if only_check then
    return auth_private.custom_provider_addresses(made) || jsonb_build_object('taken', exists (
      select from auth.custom_oauth_providers c where c.identifier = made.identifier));
  end if;
  perform auth_private.check_custom_urls(made);

  insert into auth.custom_oauth_providers select made.*
  on conflict do nothing;
  if not found then
    perform auth_private.refuse('custom_provider_exists');
  end if;
  perform auth_private.respond(201);
  return auth_private.custom_provider_json(made);
end
$$;

comment on function auth.admin_create_custom_provider is
  'Makes a provider of one''s own, as auth.admin_create_custom_provider(provider_type => ''oidc'', identifier => ''custom:acme'', name => ''Acme'', client_id => ''…'', client_secret => ''…'', issuer => ''https://id.acme.example''), or with oauth2 and authorization_url, token_url and userinfo_url. Returns it without its secret; with only_check stores nothing and returns what is to be vetted. Refuses: validation_failed, over_custom_provider_quota, conflict, feature_disabled. For the owner and the gateway. POST /admin/custom-providers.';

grant execute on function auth.admin_create_custom_provider to authenticator;
