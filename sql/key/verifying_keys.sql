create or replace function auth_private.verifying_keys()
returns setof auth_private.signing_keys
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.*
  from auth_private.signing_keys k
  cross join auth_private.settings s
  where k.status <> 'revoked'
    and (s.jwt_valid_methods = '{}' or k.alg = any (s.jwt_valid_methods))
$$;

comment on function auth_private.verifying_keys is
  'The keys that tokens are believed by.';
