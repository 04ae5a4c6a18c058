create or replace function auth_private.session_used_at(
  session auth.sessions,
  last_used timestamptz default null
)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    session.refreshed_at at time zone 'utc', greatest(session.created_at, last_used))
$$;

comment on function auth_private.session_used_at is
  'When a session was refreshed last, or begun. last_used: the time of its older refresh token, which counts where it was never refreshed.';
