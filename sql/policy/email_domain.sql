-- The part after the last @, since a quoted local part may hold one. An address that
-- is not confirmed proves nothing, but a token is only given out for a confirmed one.

create or replace function auth.email_domain()
returns text
language sql stable parallel safe
return substring(
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email' from '[^@]*$'
);

comment on function auth.email_domain is
  'Domain of the e-mail address in the request''s token, in lower case; null or empty for none.';

grant execute on function auth.email_domain to anon, authenticated, service_role;
