create or replace function auth.is_anonymous()
returns boolean
language sql stable parallel safe
return coalesce(
  (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'is_anonymous')::boolean,
  false
);

comment on function auth.is_anonymous is
  'Whether the request''s user has signed in without any identity.';

grant execute on function auth.is_anonymous to anon, authenticated, service_role;
