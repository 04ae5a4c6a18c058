create or replace function auth_private.jwt_secret()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.secret from auth_private.secret_key() k
$$;

comment on function auth_private.jwt_secret is
  'The HS256 secret that API keys are signed with, for other servers that verify our tokens; null where it is revoked. For the owner.';
