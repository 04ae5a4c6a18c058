create or replace function auth.role()
returns text
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim.role', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
);

comment on function auth.role is
  'Claim role of the request''s token: anon, authenticated, service_role or one of yours; null for none.';

grant execute on function auth.role to anon, authenticated, service_role;
