-- Older secrets go on verifying, and are not this one: the newest is what GOTRUE_JWT_SECRET
-- said last, in use or beside an asymmetric key.

create or replace function auth_private.secret_key()
returns auth_private.signing_keys
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.*
  from auth_private.signing_keys k
  where k.secret is not null and k.status <> 'revoked'
  order by k.status = 'in_use' desc, k.created_at desc
  limit 1
$$;

comment on function auth_private.secret_key is
  'The HS256 key that others know, GOTRUE_JWT_SECRET; a null row where all are revoked.';
