-- Mails once more what is still to be confirmed. Where there is nothing to confirm, or
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
  address text;
  claimant auth.users;
begin
  if coalesce(resend.type, '') not in ('signup', 'email_change', 'sms', 'phone_change') then
    perform auth_private.refuse('resend_type_unknown');
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
  if has_phone then
    perform auth_private.refuse('resend_phone_disabled');
  end if;
  if not has_email then
    perform auth_private.refuse('resend_without_address');
  end if;
  if not (select s.external_email_enabled from auth_private.settings s) then
    perform auth_private.refuse('resend_email_disabled');
  end if;
  perform auth_private.check_code_challenge(resend.code_challenge, resend.code_challenge_method);
  address := auth_private.validate_email(resend.email);

  perform auth_private.cool_down(address, resend.type);
  claimant := auth_private.find_user(address);
  if resend.type = 'signup' and claimant.id is not null and claimant.email_confirmed_at is null then
    perform auth_private.ask_to_confirm(claimant, auth_private.redirect_target(resend.redirect_to),
      resend.code_challenge, resend.code_challenge_method);
    return '{}';
  end if;
  if resend.type = 'email_change' and coalesce(claimant.email_change, '') <> '' then
    perform auth_private.send_email_change(claimant, resend.redirect_to,
      resend.code_challenge, resend.code_challenge_method);
    return '{}';
  end if;

  perform auth_private.send_decoy(address);
  return '{}';
end
$$;

comment on function auth.resend is
  'Mails a confirmation once more: type signup, or email_change by the present address. Returns {}, whether or not there was anything to mail. Refuses: validation_failed, over_email_send_rate_limit. POST /resend.';

grant execute on function auth.resend to anon, authenticated, service_role;
