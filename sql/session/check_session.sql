-- Sessions stay where they are when a newer one begins, and can be used until their
-- access token ends: only a refresh asks for the newest.

create or replace function auth_private.check_session(
  session auth.sessions,
  last_used timestamptz default null
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  fault constant text := auth_private.session_fault(session, last_used);
begin
  if fault = 'old' then
    perform auth_private.refuse('session_expired');
  end if;
  if fault = 'inactive' then
    perform auth_private.refuse('session_inactive');
  end if;
  if fault = 'low aal' then
    perform auth_private.refuse('session_low_aal');
  end if;

  if not (select s.sessions_single_per_user from auth_private.settings s) then
    return;
  end if;
  perform
  from auth.sessions other
  where other.user_id = session.user_id
    and other.id <> session.id
    and auth_private.session_used_at(other) > auth_private.session_used_at(session, last_used)
    and auth_private.session_tag(other) is not distinct from auth_private.session_tag(session)
    and auth_private.session_fault(other) is null
  limit 1;
  if found then
    perform auth_private.refuse('session_superseded');
  end if;
end
$$;

comment on function auth_private.check_session is
  'Passes a session that may still be refreshed. last_used as for session_used_at. Refuses: session_expired, session_inactive, session_low_aal, session_superseded.';
