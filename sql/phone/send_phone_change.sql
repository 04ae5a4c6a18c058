-- A number that another user has gets no SMS, since its code could not work. The same is
-- written, so that whoever asks does not learn it from that.

create or replace function auth_private.send_phone_change(actor auth.users, channel text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from auth.users u where u.phone = actor.phone_change and u.id <> actor.id
  ) then
    return auth_private.send_sms(actor, actor.phone_change, 'phone_change_token',
      send_phone_change.channel);
  end if;

  perform auth_private.issue_code(actor.id, 'phone_change_token', actor.phone_change);
  perform auth_private.send_sms_decoy(actor.phone_change);
  update auth.users u
  set phone_change_sent_at = now(), updated_at = now()
  where u.id = actor.id;
  return case when auth_private.test_code(actor.phone_change) is null then '{}'
    else '{"message_id": "test-otp"}' end;
end
$$;

comment on function auth_private.send_phone_change is
  'Sends the number that the user wants the code that confirms it. Returns as auth_private.send_sms.';
