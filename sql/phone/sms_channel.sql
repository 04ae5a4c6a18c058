-- Only Twilio sends to WhatsApp. A hook that sends instead may do with the channel what it
-- likes.

create or replace function auth_private.sms_channel(channel text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant text := coalesce(nullif(sms_channel.channel, ''), 'sms');
begin
  if not exists (
    select
    from auth_private.settings s
    where wanted = 'sms'
      or wanted = 'whatsapp' and s.sms_provider = 'twilio'
      or s.hook_send_sms_enabled
  ) then
    perform auth_private.refuse('channel_invalid');
  end if;
  return wanted;
end
$$;

comment on function auth_private.sms_channel is
  'The channel that a code is to be sent by, sms where none is named. Refuses: validation_failed.';
