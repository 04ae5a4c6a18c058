-- Wakes the workers when mail is queued. The notification carries nothing, since anyone
-- may listen on a channel or send on it: it only ever makes a worker look at the table.

create or replace function auth_private.nudge_worker()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgtrue_outbox', '');
  return null;
end
$$;

comment on function auth_private.nudge_worker is
  'Trigger function: has the workers look for mail as soon as this transaction commits.';

create or replace trigger nudge_worker
  after insert on auth_private.outbox
  for each statement execute function auth_private.nudge_worker();
