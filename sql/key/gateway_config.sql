-- What the gateway has to know to open its door: the keys that tokens are verified
-- with, and a few limits. Read at start and after each nudge.

create or replace function auth_private.gateway_config()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'keys', (
      select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'secret', k.secret)
        order by k.status = 'in_use' desc, k.created_at desc)
      from auth_private.signing_keys k
      where k.status <> 'revoked'
    ),
    'corsAllowedHeaders', s.cors_allowed_headers,
    'maxRequestMilliseconds', (extract(epoch from s.api_max_request_duration) * 1000)::integer
  )
  from auth_private.settings s
$$;

comment on function auth_private.gateway_config is
  'Keys to verify tokens with and the limits that the gateway keeps. For the gateway.';

grant execute on function auth_private.gateway_config to authenticator;
