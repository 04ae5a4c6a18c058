-- auth.otp by telephone number: a confirmed user gets a code to sign in with, anyone else is
-- signed up by it.

create or replace function auth_private.send_sms_otp(phone text, data jsonb, channel text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  digits text;
  way text;
  claimant auth.users;
  known boolean;
begin
  select * into strict settings from auth_private.settings;

  if not settings.external_phone_enabled then
    perform auth_private.refuse('otp_phone_disabled');
  end if;
  digits := auth_private.validate_phone(send_sms_otp.phone);
  way := auth_private.sms_channel(send_sms_otp.channel);

  claimant := auth_private.find_user_by_phone(digits);
  if claimant.phone_confirmed_at is null and settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;
  perform auth_private.cool_down(digits, 'sms', 'sms');

  known := claimant.id is not null;
  if not known then
    claimant := auth_private.create_user(null, digits, '', send_sms_otp.data);
    known := claimant.id is null;
  end if;
  -- Another request for this number has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user_by_phone(digits);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    perform auth_private.send_sms_decoy(digits);
    return '{}';
  end if;
  if claimant.phone_confirmed_at is null and not settings.sms_autoconfirm then
    perform auth_private.contest_password(claimant.id);
    perform auth_private.ask_to_confirm_phone(claimant, way);
    if not known and auth_private.after_user_created(claimant.id) is not null then
      return auth_private.refused('hook_after_signup_failed');
    end if;
    return '{}';
  end if;

  if claimant.phone_confirmed_at is null then
    claimant := auth_private.signup_phone_confirmed(claimant, way);
  end if;
  perform auth_private.audit('user_recovery_requested', 'user', claimant,
    jsonb_build_object('channel', way));
  return auth_private.send_sms(claimant, digits, 'confirmation_token', way);
end
$$;

comment on function auth_private.send_sms_otp is
  'Sends a code that signs in; makes the user, with data as user_metadata, where there is none. Returns as auth_private.send_sms. Refuses: phone format, phone_provider_disabled, signup_disabled, over_sms_send_rate_limit, and what the hooks refuse.';
