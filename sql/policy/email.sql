create or replace function auth.email()
returns text
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim.email', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
);

comment on function auth.email is
  'E-mail address in the request''s token, in lower case; null or empty for none.';

grant execute on function auth.email to anon, authenticated, service_role;
