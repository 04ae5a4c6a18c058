-- Without this scope a site is not asked for an id_token (OpenID Connect Core, 3.1.2.1).

create or replace function auth_private.with_openid(scopes text[])
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when 'openid' = any (scopes) then scopes
    else array_prepend('openid', scopes) end
$$;

comment on function auth_private.with_openid is
  'These scopes, with openid first where they lack it.';
