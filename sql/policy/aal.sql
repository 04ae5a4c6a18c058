create or replace function auth.aal()
returns text
language sql stable parallel safe
return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'aal';

comment on function auth.aal is
  'How strongly the session is proven: aal1, or aal2 after a second factor; null without a session.';

grant execute on function auth.aal to anon, authenticated, service_role;
