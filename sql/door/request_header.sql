create or replace function auth_private.request_header(name text)
returns text
language sql stable strict
return nullif(current_setting('request.headers', true), '')::jsonb ->> name;

comment on function auth_private.request_header is
  'A header of the request by its lower-case name; null without it and outside of a request.';
