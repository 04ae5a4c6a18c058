create or replace function auth_private.oauth_error(status integer)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case oauth_error.status
    when 400 then 'invalid_request'
    when 401 then 'unauthorized_client'
    when 403 then 'access_denied'
    when 500 then 'server_error'
    when 503 then 'temporarily_unavailable'
  end
$$;

comment on function auth_private.oauth_error is
  'The error of RFC 6749, section 4.1.2.1, that a status comes nearest to; null for others.';
