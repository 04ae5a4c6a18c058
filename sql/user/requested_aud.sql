-- No longer than the column, so that no header can make an insert fail.

create or replace function auth_private.requested_aud()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(left(auth_private.request_header('x-jwt-aud'), 255), ''), s.jwt_aud)
  from auth_private.settings s
$$;

comment on function auth_private.requested_aud is
  'The audience that a request without a user is about: header X-JWT-AUD, else the settings''.';
