-- The one way by which a code goes to a telephone number. Queued like mail, in the
-- transaction that wants it sent. A number of the settings' own gets nothing: its code is
-- known, so that a program can sign in with it. The hook send_sms sends instead.

create or replace function auth_private.send_sms(
  recipient auth.users,
  phone text,
  token_kind auth.one_time_token_type,
  channel text default 'sms'
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  known_code constant text := auth_private.test_code(send_sms.phone);
  code text;
begin
  if known_code is null then
    perform auth_private.require_sms_provider();
    perform auth_private.count_send('sms');
  end if;
  code := auth_private.issue_code(recipient.id, token_kind, send_sms.phone, known_code);

  update auth.users u
  set confirmation_sent_at = case token_kind when 'confirmation_token' then now()
      else u.confirmation_sent_at end,
    phone_change_sent_at = case token_kind when 'phone_change_token' then now()
      else u.phone_change_sent_at end,
    reauthentication_sent_at = case token_kind when 'reauthentication_token' then now()
      else u.reauthentication_sent_at end,
    updated_at = now()
  where u.id = recipient.id;

  if known_code is not null then
    return '{"message_id": "test-otp"}';
  end if;
  if auth_private.hook_uri('send_sms') is not null then
    perform auth_private.hook_send('send_sms', recipient, send_sms.phone, jsonb_build_object(
      'user', auth_private.user_json(recipient),
      'sms', jsonb_build_object('otp', code, 'phone', send_sms.phone)));
    return '{}';
  end if;
  insert into auth_private.outbox (channel, kind, user_id, recipient, variables)
  values (
    'sms', replace(token_kind::text, '_token', ''), recipient.id, send_sms.phone,
    jsonb_build_object('Code', code, 'Channel', send_sms.channel)
  );
  return '{}';
end
$$;

comment on function auth_private.send_sms is
  'Sends a fresh code to a number, which is the user''s or is to be: token_kind is what the code is for, channel is sms or whatsapp. Returns what a client is told: {}, with a message_id for a number of sms_test_otp. Refuses: unexpected_failure where nobody sends SMS, over_sms_send_rate_limit, and what the hook send_sms refuses.';
