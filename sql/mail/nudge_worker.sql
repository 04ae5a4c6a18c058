-- Wakes the workers when mail is queued. The notification carries nothing, since anyone
-- may listen on a channel or send on it: it only ever makes a worker look at the table.
--
-- NOTIFY takes a lock on the whole database until the commit is on disk, so that under load
-- commits would wait for each other. A worker that has much to do has promised to look
-- again, and a request commits as soon as it is done: long before that promise ends.

create or replace function auth_private.nudge_worker()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('request.method', true), '') = '' or not exists (
    select from auth_private.worker_awake w where w.until > clock_timestamp() + interval '1 second'
  ) then
    perform pg_notify('pgtrue_outbox', '');
  end if;
  return null;
end
$$;

comment on function auth_private.nudge_worker is
  'Trigger function: has the workers look for mail as soon as this transaction commits, unless it is a request and a worker will look anyway.';

create or replace trigger nudge_worker
  after insert on auth_private.outbox
  for each statement execute function auth_private.nudge_worker();
