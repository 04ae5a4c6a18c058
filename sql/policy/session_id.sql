create or replace function auth.session_id()
returns uuid
language sql stable parallel safe
return nullif(
  nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'session_id', ''),
  '00000000-0000-0000-0000-000000000000'
)::uuid;

comment on function auth.session_id is
  'Id of the session that the request''s token belongs to; null for none.';

grant execute on function auth.session_id to anon, authenticated, service_role;
