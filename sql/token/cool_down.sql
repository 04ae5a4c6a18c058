-- Lets an address ask for a mail only so often. Addresses without a user are remembered
-- too, so the wait is the same for them and tells nobody who has an account.

create or replace function auth_private.cool_down(address text, purpose text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  wait interval := (select s.smtp_max_frequency from auth_private.settings s);
  fingerprint bytea := sha256(convert_to(cool_down.address, 'UTF8'));
  last_sent timestamptz;
begin
  -- By the clock, not by the beginning of the transaction: who had to wait for another
  -- request began before that one wrote.
  insert into auth_private.cooldowns as c (address_hash, purpose, sent_at)
  values (fingerprint, cool_down.purpose, clock_timestamp())
  on conflict on constraint cooldowns_pkey do update
  set sent_at = clock_timestamp()
  where c.sent_at + wait <= clock_timestamp();

  if not found then
    select c.sent_at into last_sent
    from auth_private.cooldowns c
    where c.address_hash = fingerprint and c.purpose = cool_down.purpose;
    perform auth_private.refuse('over_email_send_rate_limit', array[
      greatest(0, floor(extract(epoch from last_sent + wait - clock_timestamp())))::integer::text]);
  end if;

  -- A few old rows go with each new one, so the table never grows past what is in use.
  delete from auth_private.cooldowns c
  using (
    select o.address_hash, o.purpose
    from auth_private.cooldowns o
    where o.sent_at < now() - wait
    order by o.sent_at
    limit 10
    for update skip locked
  ) old
  where c.address_hash = old.address_hash and c.purpose = old.purpose;
end
$$;

comment on function auth_private.cool_down is
  'Notes that an address asks for a mail of this purpose, signup or recovery. Refuses: over_email_send_rate_limit with the seconds to wait.';
