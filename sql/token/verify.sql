-- Signs in by what was sent: the token of a mailed link, or the address and the code.

create or replace function auth.verify(
  type text default null,
  token_hash text default null,
  email text default null,
  token text default null,
  phone text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  kinds constant auth.one_time_token_type[] := case
    when verify.phone <> '' then auth_private.phone_token_kinds(verify.type)
    else auth_private.token_kinds(verify.type) end;
  by_link constant boolean := coalesce(verify.token_hash, '') <> '';
  by_address auth_private.one_time_codes;
  by_token auth.one_time_tokens;
  digits text;
  claimant auth.users;
begin
  if coalesce(verify.type, '') = '' then
    perform auth_private.refuse('verify_without_type');
  end if;
  if by_link = (coalesce(verify.token, '') <> '') then
    perform auth_private.refuse('verify_without_token');
  end if;
  if by_link and (verify.email <> '' or verify.phone <> '' or verify.redirect_to <> '') then
    perform auth_private.refuse('verify_too_much');
  end if;
  if not by_link and (coalesce(verify.email, '') <> '') = (coalesce(verify.phone, '') <> '') then
    perform auth_private.refuse('verify_address');
  end if;

  if by_link and kinds = '{}' then
    perform auth_private.refuse('verify_type_unknown');
  end if;
  if verify.email <> '' and not auth_private.is_email(verify.email) then
    perform auth_private.refuse('verify_email_invalid');
  end if;
  if verify.phone <> '' then
    digits := auth_private.validate_phone(verify.phone);
    by_address.user_id := auth_private.spend_test_code(verify.type, digits, verify.token);
    by_address.token_type := kinds[1];
  end if;

  if by_link then
    by_token := auth_private.spend_link(verify.token_hash, kinds);
    claimant := auth_private.verified(by_token.user_id, by_token.token_type);
  else
    if by_address.user_id is null then
      by_address := auth_private.spend_code(kinds,
        coalesce(digits, lower(verify.email collate "C") collate "default"), verify.token);
    end if;
    if by_address.user_id is null then
      return auth_private.refused('otp_expired');
    end if;
    claimant := auth_private.verified(by_address.user_id, by_address.token_type, digits);
  end if;

  if claimant.id is null then
    return jsonb_build_object('code', '200', 'msg', auth_private.half_confirmed());
  end if;
  return auth_private.open_session(claimant.id, 'otp');
end
$$;

comment on function auth.verify is
  'Signs in by a link''s token_hash, or by email or phone and the token (code) that was sent to it. type: signup, invite, recovery, magiclink, email or email_change; by phone: sms or phone_change, with the new number; the first of two confirmations of a new address gives a message. Refuses: otp_expired, user_banned and the wrong use of arguments; a wrong code is counted. POST /verify.';

grant execute on function auth.verify to anon, authenticated, service_role;
