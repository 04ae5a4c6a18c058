-- Sends once more what is still to be confirmed. Where there is nothing to confirm, or
-- nobody, the answer, the wait and the writes are the same.

create or replace function auth.resend(
  type text default null,
  email text default null,
  phone text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  has_email constant boolean := coalesce(resend.email, '') <> '';
  has_phone constant boolean := coalesce(resend.phone, '') <> '';
  channel constant text := case when resend.type in ('sms', 'phone_change') then 'sms'
    else 'email' end;
  settings auth_private.settings;
  address text;
  claimant auth.users;
begin
  select * into strict settings from auth_private.settings;

  if coalesce(resend.type, '') not in ('signup', 'email_change', 'sms', 'phone_change') then
    perform auth_private.refuse('resend_type_unknown');
  end if;
  if resend.type in ('signup', 'email_change') then
    perform auth_private.check_code_challenge(resend.code_challenge, resend.code_challenge_method);
  end if;
  if resend.type = 'signup' and not has_email then
    perform auth_private.refuse('resend_signup_without_email');
  end if;
  if resend.type = 'sms' and not has_phone then
    perform auth_private.refuse('resend_sms_without_phone');
  end if;
  if has_email and has_phone then
    perform auth_private.refuse('resend_email_and_phone');
  end if;
  if not has_email and not has_phone then
    perform auth_private.refuse('resend_without_address');
  end if;
  if has_email and not settings.external_email_enabled then
    perform auth_private.refuse('resend_email_disabled');
  end if;
  if has_phone and not settings.external_phone_enabled then
    perform auth_private.refuse('resend_phone_disabled');
  end if;
  address := case when has_phone then auth_private.validate_phone(resend.phone)
    else auth_private.validate_email(resend.email) end;

  perform auth_private.cool_down(address, resend.type, channel);
  claimant := case when has_phone then auth_private.find_user_by_phone(address)
    else auth_private.find_user(address) end;
  if resend.type = 'signup' and claimant.id is not null and claimant.email_confirmed_at is null then
    perform auth_private.ask_to_confirm(claimant, auth_private.redirect_target(resend.redirect_to),
      resend.code_challenge, resend.code_challenge_method, traits => null);
    return '{}';
  end if;
  if resend.type = 'sms' and claimant.id is not null and claimant.phone_confirmed_at is null then
    perform auth_private.audit('user_recovery_requested', 'user', claimant);
    return auth_private.send_sms(claimant, address, 'confirmation_token');
  end if;
  if resend.type = 'email_change' and coalesce(claimant.email_change, '') <> '' then
    perform auth_private.send_email_change(claimant, resend.redirect_to,
      resend.code_challenge, resend.code_challenge_method);
    return '{}';
  end if;
  if resend.type = 'phone_change' and coalesce(claimant.phone_change, '') <> '' then
    return auth_private.send_phone_change(claimant, 'sms');
  end if;

  if channel = 'sms' then
    perform auth_private.send_sms_decoy(address);
  else
    perform auth_private.send_decoy(address);
  end if;
  return '{}';
end
$$;

comment on function auth.resend is
  'Sends a confirmation once more: type signup or sms, or email_change or phone_change by the present address, which is email or phone. Returns {}, whether or not there was anything to send. Refuses: validation_failed, over_email_send_rate_limit, over_sms_send_rate_limit. POST /resend.';

grant execute on function auth.resend to anon, authenticated, service_role;
