-- Removes what has long expired. Nothing of it was accepted any more, so all this frees is space;
-- hence a little at a time, and never a wait for a row that somebody else is at.

create or replace function auth_private.clean_up(batch integer default 1000)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  removed integer;
begin
  select * into strict settings from auth_private.settings;
  if not settings.db_cleanup_enabled then
    return 0;
  end if;

  with stale_sessions as (
    select s.id
    from auth.sessions s
    where s.not_after < now() - interval '72 hours'
      or s.created_at < now() - settings.sessions_timebox - interval '24 hours'
      or auth_private.session_used_at(s)
        < now() - settings.sessions_inactivity_timeout - interval '24 hours'
    limit batch
    for update skip locked
  ),
  -- An older refresh token may be what says that its session is still in use.
  ended as (
    delete from auth.sessions s
    using stale_sessions stale
    where s.id = stale.id
      and not exists (
        select from auth.refresh_tokens r where r.session_id = s.id and not r.revoked
          and r.updated_at > now() - settings.sessions_inactivity_timeout - interval '24 hours'
      )
    returning 1
  ),
  tokens as (
    delete from auth.refresh_tokens r
    where r.id in (
      select old.id from auth.refresh_tokens old
      where old.revoked and old.updated_at < now() - interval '24 hours'
      limit batch
      for update skip locked
    )
    returning 1
  ),
  flows as (
    delete from auth.flow_state f
    where f.id in (
      select old.id from auth.flow_state old where old.created_at < now() - interval '24 hours'
      limit batch
      for update skip locked
    )
    returning 1
  ),
  states as (
    delete from auth.oauth_client_states o
    where o.id in (
      select old.id from auth.oauth_client_states old
      where old.created_at < now() - interval '24 hours'
      limit batch
      for update skip locked
    )
    returning 1
  ),
  strangers as (
    delete from auth.users u
    where settings.external_anonymous_users_enabled and u.id in (
      select old.id from auth.users old
      where old.is_anonymous and old.created_at < now() - interval '30 days'
      limit batch
      for update skip locked
    )
    returning 1
  )
  select count(*) into removed
  from (
    table ended union all table tokens union all table flows union all table states
    union all table strangers
  ) gone;
  return removed;
end
$$;

comment on function auth_private.clean_up is
  'Removes sessions a day past their end, revoked refresh tokens and unfinished flows of a day ago, and anonymous users of 30 days ago, at most so many of each; nothing without the setting db_cleanup_enabled. Returns how many rows went. For the worker.';

grant execute on function auth_private.clean_up to auth_worker;
