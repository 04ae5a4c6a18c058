create or replace function auth.jwt()
returns jsonb
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')
)::jsonb;

comment on function auth.jwt is
  'All claims of the request''s token; null for none.';

grant execute on function auth.jwt to anon, authenticated, service_role;
