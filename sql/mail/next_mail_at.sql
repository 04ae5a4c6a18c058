-- A worker with nothing to do sleeps until then, since a retry comes without a nudge.

create or replace function auth_private.next_mail_at()
returns timestamptz
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select min(o.next_attempt_at)
  from auth_private.outbox o
  where o.parked_at is null
$$;

comment on function auth_private.next_mail_at is
  'When the next queued mail is due, a claimed one when its lease ends; null while the outbox is empty. For the worker.';

grant execute on function auth_private.next_mail_at to auth_worker;
