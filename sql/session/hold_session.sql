-- The session's row is what refreshes wait for. Nobody waits for it longer than 5 s, so one
-- that is stuck does not take the gateway's connections along.

create or replace function auth_private.hold_session(id uuid)
returns auth.sessions
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  held auth.sessions;
begin
  select * into held from auth.sessions s where s.id = hold_session.id for update;
  return held;
exception when lock_not_available then
  perform auth_private.refuse('refresh_conflict');
end
$$;

comment on function auth_private.hold_session is
  'The session with this id, locked; a null row for none. Refuses: conflict after 5 s of waiting.';
