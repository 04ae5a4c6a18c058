-- Every mail, and every SMS, of the instance is counted in one row. Who changes that row
-- keeps all others who send waiting until the transaction ends, and an application's
-- transaction may go on for long after it. So it is only noted here that something is to be
-- sent, and counted at the very end, as the transaction commits.
--
-- What stands for a mail that goes to nobody is counted like one, or the limit would tell
-- who has an account.

create or replace function auth_private.count_send(channel text, refusable boolean default true)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  size integer;
begin
  select * into strict settings from auth_private.settings;

  size := (auth_private.send_limit(count_send.channel)).size;
  if size is null
    or count_send.channel = 'sms' and settings.sms_autoconfirm
    or count_send.channel = 'email' and settings.mailer_autoconfirm and size > 0
  then
    return true;
  end if;
  if auth_private.sends_exhausted(count_send.channel) then
    if refusable then
      perform auth_private.refuse_send(count_send.channel);
    end if;
    return false;
  end if;

  insert into auth_private.sends (channel, refusable)
  values (count_send.channel, count_send.refusable);
  return true;
end
$$;

comment on function auth_private.count_send is
  'Counts one mail (channel email) or SMS (sms) against what the instance may send. Refuses, now or as the transaction commits: over_email_send_rate_limit, over_sms_send_rate_limit. What is not refusable is counted if it can be; false where it is not to be sent.';
