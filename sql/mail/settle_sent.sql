-- Removes mails that were sent, all that a worker has to tell of at once in one transaction:
-- to wait for the disk once for each would be most of the work. The attempt is a fence, as in
-- auth_private.settle_mail.

create or replace function auth_private.settle_sent(ids bigint[], attempts integer[])
returns setof bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Nothing of a sent mail stays: its variables hold the link.
  delete from auth_private.outbox o
  using unnest(settle_sent.ids, settle_sent.attempts) sent (id, attempt)
  where o.id = sent.id and o.attempts = sent.attempt and o.leased_until is not null
  returning o.id
$$;

comment on function auth_private.settle_sent is
  'Removes the rows of mails that were sent: their ids, and the attempt of each. Returns the ids of those that were still the caller''s. For the worker.';

grant execute on function auth_private.settle_sent to auth_worker;
