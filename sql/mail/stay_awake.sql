-- Whoever has claimed several mails at once has much to do, and more is likely to come.
-- One update a second at most, so that workers do not wait for each other here.

create or replace function auth_private.stay_awake()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth_private.worker_awake as w (singleton, until)
  values (true, clock_timestamp() + interval '3 seconds')
  on conflict (singleton) do update
  set until = excluded.until
  where w.until < clock_timestamp() + interval '2 seconds'
$$;

comment on function auth_private.stay_awake is
  'Notes that a worker will look for mail again and again for three seconds, unasked.';
