create or replace function auth_private.sms_expired(queued auth_private.outbox, moment timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select (queued.channel = 'sms' or queued.channel = 'hook' and queued.kind = 'send_sms')
    and queued.created_at + make_interval(secs => s.sms_otp_exp) <= sms_expired.moment
  from auth_private.settings s
$$;

comment on function auth_private.sms_expired is
  'Whether the code in a queued SMS is of no use any more at that moment; also in one for the hook send_sms; never so for mail.';
