-- The user's row is locked by the caller, so no session opens meanwhile.

create or replace function auth_private.end_all_access(user_id uuid, but uuid default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.discard_tokens(end_all_access.user_id);
  delete from auth.flow_state f where f.user_id = end_all_access.user_id;
  delete from auth.sessions s
  where s.user_id = end_all_access.user_id and s.id is distinct from end_all_access.but;
$$;

comment on function auth_private.end_all_access is
  'Ends a user''s sessions, all or all but one, the sign-ins that have begun, and all links and codes.';
