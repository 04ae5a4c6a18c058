-- What follows from typing a code that was sent to a number. The code was for this number
-- alone: a user who has, or wants, another one by now is not proven by it.

create or replace function auth_private.verified_phone(
  claimant auth.users,
  kind auth.one_time_token_type,
  phone text
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if verified_phone.phone is distinct from (case verified_phone.kind
    when 'phone_change_token' then claimant.phone_change else claimant.phone end)
  then
    perform auth_private.refuse('otp_expired');
  end if;

  if verified_phone.kind = 'phone_change_token' then
    perform auth_private.apply_phone_change(claimant);
  else
    perform auth_private.audit('user_signedup', 'team', claimant, '{"provider": "phone"}');
    perform auth_private.settle_password(claimant.id, true);
    perform auth_private.confirm_phone(claimant.id);
    perform auth_private.discard_tokens(claimant.id);
  end if;
  return auth_private.refresh_providers(claimant.id);
end
$$;

comment on function auth_private.verified_phone is
  'Confirms the number that a spent code was sent to, or makes it the user''s; the user as it is then. Refuses: otp_expired.';
