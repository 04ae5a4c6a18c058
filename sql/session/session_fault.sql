-- The order of the checks is GoTrue's. Whether a factor lacks is looked up only where a limit asks:
-- with null instead of false before it, "and" would look.

create or replace function auth_private.session_fault(
  session auth.sessions,
  last_used timestamptz default null
)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when session.not_after < now() or session.created_at + s.sessions_timebox < now()
    then 'old'
    when auth_private.session_used_at(session, last_used) + s.sessions_inactivity_timeout < now()
    then 'inactive'
    when coalesce(session.created_at + s.sessions_allow_low_aal < now(), false)
      and auth_private.lacks_factor(session)
    then 'low aal'
  end
  from auth_private.settings s
$$;

comment on function auth_private.session_fault is
  'Why a session is over: old, inactive or low aal; null for one that is good. last_used as for session_used_at.';
