-- auth.magiclink as newer clients ask for it. With create_user => false the refusal
-- tells that an address has no account; clients depend on that answer.

create or replace function auth.otp(
  email text default null,
  phone text default null,
  create_user boolean default true,
  data jsonb default null,
  channel text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if otp.email <> '' and otp.phone <> '' then
    perform auth_private.refuse('otp_email_and_phone');
  end if;
  if otp.email <> '' and otp.channel <> '' then
    perform auth_private.refuse('otp_email_channel');
  end if;
  perform auth_private.check_code_challenge(otp.code_challenge, otp.code_challenge_method);
  if coalesce(otp.email, '') = '' and coalesce(otp.phone, '') = '' then
    perform auth_private.refuse('otp_without_address');
  end if;
  if not otp.create_user
    and (auth_private.find_user(otp.email)).id is null
    and (auth_private.find_user_by_phone(otp.phone)).id is null
  then
    perform auth_private.refuse('otp_disabled');
  end if;
  if otp.phone <> '' then
    return auth_private.send_sms_otp(otp.phone, otp.data, otp.channel);
  end if;

  return auth_private.send_magic_link(
    otp.email, otp.data, otp.code_challenge, otp.code_challenge_method, otp.redirect_to);
end
$$;

comment on function auth.otp is
  'Mails a link and a code that sign in, or sends a code to a phone by channel sms or whatsapp. With create_user => false only to users that exist: otp_disabled otherwise. Returns {}. POST /otp.';

grant execute on function auth.otp to anon, authenticated, service_role;
