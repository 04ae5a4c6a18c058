-- What the gateway has to know to open its door: the keys that tokens are verified
-- with, whom it believes and asks, and a few limits. Read at start and after each nudge.

create or replace function auth_private.gateway_config()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'keys', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object('kid', k.kid, 'alg', k.alg, 'secret', k.secret, 'jwk', k.jwk)
          order by k.status = 'in_use' desc, k.created_at desc),
        '[]')
      from auth_private.verifying_keys() k
    ),
    'signingKey', (
      select k.kid from auth_private.signing_keys k where k.status = 'in_use' and k.alg <> 'HS256'
    ),
    'providers', auth_private.provider_configs(),
    'customProvidersEnabled', s.custom_oauth_enabled,
    'allowedIdTokenIssuers', s.external_allowed_id_token_issuers,
    'discoveryMilliseconds',
      (extract(epoch from s.external_oidc_provider_cache_ttl) * 1000)::bigint,
    'providerMilliseconds', (extract(epoch from s.internal_http_timeout) * 1000)::bigint,
    'limited', s.rate_limit_header <> '' or s.security_sb_forwarded_for_enabled,
    'clientHeader', s.rate_limit_header,
    'sbForwardedFor', s.security_sb_forwarded_for_enabled,
    'trustedProxies', s.security_trusted_proxies,
    'captcha', case when s.security_captcha_enabled then jsonb_build_object(
      'provider', s.security_captcha_provider,
      'secret', s.security_captcha_secret,
      'timeoutMilliseconds',
      least(greatest(1, extract(epoch from s.security_captcha_timeout) * 1000), 2e9)::integer
    ) end,
    'pwned', case when s.password_hibp_enabled then jsonb_build_object(
      'userAgent', s.password_hibp_user_agent
    ) end,
    'corsAllowedHeaders', s.cors_allowed_headers,
    'maxRequestMilliseconds', (extract(epoch from s.api_max_request_duration) * 1000)::integer
  )
  from auth_private.settings s
$$;

comment on function auth_private.gateway_config is
  'Keys to verify tokens with, the kid of the one that the gateway is to sign with (null where SQL does it), the sites that people sign in with and their secrets, the limits that the gateway keeps, the proxies that it believes, and what it needs to ask a captcha''s provider and haveibeenpwned.com: null where it is not to ask. For the gateway.';

grant execute on function auth_private.gateway_config to authenticator;
