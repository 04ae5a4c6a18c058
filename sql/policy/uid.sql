-- One plain expression with a body bound when it is made: the planner can put it in
-- line, and no search_path of a caller changes its meaning. Write (select auth.uid())
-- in a policy, and it is computed once a statement instead of once a row.

create or replace function auth.uid()
returns uuid
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim.sub', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
)::uuid;

comment on function auth.uid is
  'Id of the user whose token the request bears; null for none.';

grant execute on function auth.uid to anon, authenticated, service_role;
