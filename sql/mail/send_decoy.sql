-- For an address that gets no mail: writes what a mail would write, so that neither the
-- answer's delay nor the rows tell whether there is a user.

create or replace function auth_private.send_decoy(recipient text)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth_private.outbox (kind, recipient) values ('decoy', send_decoy.recipient)
$$;

comment on function auth_private.send_decoy is
  'Queues a mail that the worker throws away.';
