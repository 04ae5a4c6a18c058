-- The order of the checks is GoTrue's.

create or replace function auth_private.check_session(session auth.sessions)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  last_used timestamptz := coalesce(session.refreshed_at at time zone 'utc', session.created_at);
begin
  select * into strict settings from auth_private.settings;

  if session.not_after < now() or session.created_at + settings.sessions_timebox < now() then
    perform auth_private.refuse('session_expired');
  end if;
  if last_used + settings.sessions_inactivity_timeout < now() then
    perform auth_private.refuse('session_inactive');
  end if;
  if settings.sessions_single_per_user and exists (
    select
    from auth.sessions other
    where other.user_id = session.user_id
      and other.id <> session.id
      and coalesce(other.refreshed_at at time zone 'utc', other.created_at) > last_used
      and (other.not_after is null or other.not_after >= now())
      and (settings.sessions_timebox is null
        or other.created_at + settings.sessions_timebox >= now())
  ) then
    perform auth_private.refuse('session_superseded');
  end if;
end
$$;

comment on function auth_private.check_session is
  'Passes a session that may still be refreshed. Refuses: session_expired, session_inactive, session_superseded.';
