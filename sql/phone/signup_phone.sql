-- auth.signup by telephone number, once its arguments have passed. What it tells of a number
-- that has a user is what auth.signup tells of an address.

create or replace function auth_private.signup_phone(
  phone text,
  password text,
  data jsonb,
  channel text
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant auth.users := auth_private.find_user_by_phone(signup_phone.phone);
  known boolean := claimant.id is not null;
  same_password boolean := true;
begin
  if not known then
    claimant := auth_private.create_user(null, signup_phone.phone,
      auth_private.hash_password(signup_phone.password), signup_phone.data);
    known := claimant.id is null;
  end if;
  -- Another sign-up for this number has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user_by_phone(signup_phone.phone);
  end if;
  if known and claimant.id is not null then
    same_password := auth_private.password_matches(
      signup_phone.password, claimant.encrypted_password);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    claimant.aud := auth_private.requested_aud();
    claimant.phone := signup_phone.phone;
    claimant.phone_confirmed_at := now();
  end if;

  if (select s.sms_autoconfirm from auth_private.settings s) then
    -- Only the right password opens a session, as in auth_private.signup_again.
    if known and (claimant.phone_confirmed_at is not null or claimant.banned_until > now()
      or not same_password)
    then
      perform auth_private.refuse('user_already_exists');
    end if;
    claimant := auth_private.signup_phone_confirmed(claimant, signup_phone.channel);
    perform auth_private.audit('login', 'account', claimant, '{"provider": "phone"}');
    return auth_private.open_session(claimant.id, 'password');
  end if;

  perform auth_private.cool_down(signup_phone.phone, 'sms', 'sms');
  if claimant.phone_confirmed_at is not null then
    return auth_private.signup_obfuscated(claimant, signup_phone.data, 'phone');
  end if;
  if not same_password then
    perform auth_private.contest_password(claimant.id);
  end if;
  claimant := auth_private.ask_to_confirm_phone(claimant, signup_phone.channel);
  if not known and auth_private.after_user_created(claimant.id) is not null then
    return auth_private.refused('hook_after_signup_failed');
  end if;
  if claimant.email_confirmed_at is not null then
    return auth_private.stranger_json(claimant, signup_phone.data, 'phone');
  end if;
  return auth_private.user_json(claimant);
end
$$;

comment on function auth_private.signup_phone is
  'Signs up with a number and a password. Returns the user, to whom a code is sent, or a session with sms_autoconfirm. Refuses: user_already_exists (only with sms_autoconfirm), over_sms_send_rate_limit, and what the hooks refuse.';
