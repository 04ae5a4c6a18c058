create or replace function auth.claim(variadic path text[])
returns jsonb
language sql stable parallel safe
return nullif(current_setting('request.jwt.claims', true), '')::jsonb #> path;

comment on function auth.claim is
  'The claim at a path, as auth.claim(''app_metadata'', ''team''); null for none.';

grant execute on function auth.claim to anon, authenticated, service_role;
