-- What the gateway has to know of the sites that people sign in with, secrets and all: it is the
-- gateway that talks to them. The names are those of gateway/provider/types.ts.

create or replace function auth_private.provider_configs()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(known.config), '[]')
  from (
    select jsonb_build_object(
      'name', p.name,
      'enabled', p.enabled,
      'clientIds', p.client_id,
      'secret', p.secret,
      'redirectUri', coalesce(nullif(p.redirect_uri, ''),
        rtrim(s.api_external_url, '/') || '/callback'),
      'skipNonceCheck', p.skip_nonce_check,
      'emailOptional', p.email_optional
    )
      || case when p.url = '' then '{}' else jsonb_build_object('url', p.url) end
      || case when p.name = 'apple' and s.external_ios_bundle_id <> ''
        then jsonb_build_object('audiences', array[s.external_ios_bundle_id]) else '{}' end
      as config
    from auth_private.providers p
    cross join auth_private.settings s
    union all
    select jsonb_build_object(
      'name', c.identifier,
      'enabled', c.enabled,
      'clientIds', array[c.client_id],
      'secret', c.client_secret,
      'redirectUri', rtrim(
        coalesce(nullif(s.custom_oauth_external_url, ''), s.api_external_url), '/') || '/callback',
      'skipNonceCheck', c.skip_nonce_check,
      'emailOptional', c.email_optional,
      'custom', to_jsonb(c) - 'client_secret' - 'cached_discovery'
    )
    from auth.custom_oauth_providers c
    cross join auth_private.settings s
  ) known
$$;

comment on function auth_private.provider_configs is
  'The configuration of every site, built in or custom, with its secret.';
