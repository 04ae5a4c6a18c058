-- Signs up with a password.
--
-- Someone may try which addresses have an account here. So an address that has one is
-- answered like a new one, after the same hash, wait and writes; a client that wants to
-- know sees an empty list of identities. And someone may sign up with an address that
-- is not theirs, before its owner does: signing up again changes nothing of the first.

create or replace function auth.signup(
  email text default null,
  password text default null,
  data jsonb default null,
  phone text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null,
  channel text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  way text;
  address text;
  claimant auth.users;
  known boolean;
  same_password boolean := true;
begin
  perform auth_private.check_object('data', signup.data);
  select * into strict settings from auth_private.settings;

  if coalesce(signup.email, '') = '' and coalesce(signup.phone, '') = '' then
    return auth_private.signup_anonymous(signup.data);
  end if;
  if settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;
  if coalesce(signup.password, '') = '' then
    perform auth_private.refuse('signup_without_password');
  end if;
  perform auth_private.check_password(signup.password);
  if signup.email <> '' and signup.phone <> '' then
    perform auth_private.refuse('signup_email_and_phone');
  end if;
  if signup.phone <> '' then
    way := auth_private.sms_channel(signup.channel);
    if signup.code_challenge <> '' then
      perform auth_private.refuse('signup_phone_pkce');
    end if;
  end if;
  perform auth_private.check_code_challenge(signup.code_challenge, signup.code_challenge_method);
  if signup.phone <> '' then
    if not settings.external_phone_enabled then
      perform auth_private.refuse('signup_phone_disabled');
    end if;
    return auth_private.signup_phone(
      auth_private.validate_phone(signup.phone), signup.password, signup.data, way);
  end if;
  if not settings.external_email_enabled then
    perform auth_private.refuse('signup_email_disabled');
  end if;
  address := auth_private.validate_email(signup.email);

  claimant := auth_private.find_user(address);
  known := claimant.id is not null;
  if not known then
    claimant := auth_private.create_user(
      address, null, auth_private.hash_password(signup.password), signup.data);
    known := claimant.id is null;
  end if;
  -- Another sign-up for this address has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user(address);
  end if;
  -- One hash, too: a known address takes as long as a new one.
  if known and claimant.id is not null then
    same_password := auth_private.password_matches(signup.password, claimant.encrypted_password);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    claimant.aud := auth_private.requested_aud();
    claimant.email := address;
    claimant.email_confirmed_at := now();
  end if;

  if settings.mailer_autoconfirm and known then
    return auth_private.signup_again(claimant, same_password);
  end if;
  if settings.mailer_autoconfirm then
    return auth_private.signup_confirmed(claimant);
  end if;

  perform auth_private.cool_down(address, 'signup');
  if claimant.email_confirmed_at is not null then
    return auth_private.signup_obfuscated(claimant, signup.data);
  end if;
  if not same_password then
    perform auth_private.contest_password(claimant.id);
  end if;
  claimant := auth_private.ask_to_confirm(claimant,
    auth_private.redirect_target(signup.redirect_to), signup.code_challenge,
    signup.code_challenge_method);
  if not known and auth_private.after_user_created(claimant.id) is not null then
    return auth_private.refused('hook_after_signup_failed');
  end if;
  if claimant.phone_confirmed_at is not null then
    return auth_private.stranger_json(claimant, signup.data, 'email');
  end if;
  -- What an admin wrote into an invitation is not for whoever knows the address.
  if known and claimant.invited_at is not null then
    return auth_private.user_json(claimant) || '{"user_metadata": {}, "identities": []}';
  end if;
  return auth_private.user_json(claimant);
end
$$;

comment on function auth.signup is
  'Signs up with e-mail address or phone number and password; data becomes user_metadata. Returns the user, to whom a confirmation is mailed, or a code sent by channel sms or whatsapp, or a session where no confirmation is asked for. Without any address: a session of an anonymous user. Refuses: weak_password, email format, signup_disabled, anonymous_provider_disabled, user_already_exists (only with autoconfirm), over_email_send_rate_limit, over_sms_send_rate_limit, and what the hooks about new users refuse. POST /signup.';

grant execute on function auth.signup to anon, authenticated, service_role;
