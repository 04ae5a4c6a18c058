-- Lets an address ask for a mail, or a number for an SMS, only so often. Addresses without
-- a user are remembered too, so the wait is the same for them and tells nobody who has an
-- account.

create or replace function auth_private.cool_down(
  address text,
  purpose text,
  channel text default 'email'
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  wait interval;
  fingerprint bytea := sha256(convert_to(cool_down.address, 'UTF8'));
  last_sent timestamptz;
  seconds text;
begin
  select * into strict settings from auth_private.settings;
  wait := case cool_down.channel when 'sms' then settings.sms_max_frequency
    else settings.smtp_max_frequency end;

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
    seconds := greatest(0,
      floor(extract(epoch from last_sent + wait - clock_timestamp())))::integer::text;
    if cool_down.channel = 'sms' then
      perform auth_private.refuse('over_sms_send_rate_limit', array[seconds]);
    end if;
    perform auth_private.refuse('over_email_send_rate_limit', array[seconds]);
  end if;

  -- A few old rows go with each new one, so the table never grows past what is in use.
  delete from auth_private.cooldowns c
  using (
    select o.address_hash, o.purpose
    from auth_private.cooldowns o
    where o.sent_at < now() - greatest(settings.smtp_max_frequency, settings.sms_max_frequency)
    order by o.sent_at
    limit 10
    for update skip locked
  ) old
  where c.address_hash = old.address_hash and c.purpose = old.purpose;
end
$$;

comment on function auth_private.cool_down is
  'Notes that an address asks for a mail of this purpose, as signup or recovery, or for an SMS where that is the channel. Refuses: over_email_send_rate_limit, over_sms_send_rate_limit, with the seconds to wait.';
