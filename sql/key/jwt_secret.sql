create or replace function auth_private.jwt_secret()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.secret from auth_private.signing_keys k where k.status = 'in_use'
$$;

comment on function auth_private.jwt_secret is
  'The HS256 secret in use, for other servers that verify our tokens. For the owner.';
