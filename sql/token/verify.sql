-- Signs in by what was mailed: the token of a link, or the address and the code.

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
  kinds auth.one_time_token_type[] := auth_private.token_kinds(verify.type);
  by_link constant boolean := coalesce(verify.token_hash, '') <> '';
  claimant auth.users;
  spent auth.one_time_tokens;
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

  if by_link then
    if kinds = '{}' then
      perform auth_private.refuse('verify_type_unknown');
    end if;
    spent := auth_private.spend_link(verify.token_hash, kinds);
    claimant := auth_private.verified(spent.user_id, spent.token_type);
    return auth_private.open_session(claimant.id, 'otp');
  end if;

  if verify.email <> '' and not auth_private.is_email(verify.email) then
    perform auth_private.refuse('verify_email_invalid');
  end if;
  claimant := auth_private.find_user(verify.email);
  spent.token_type := auth_private.spend_code(
    claimant.id, kinds, claimant.email, verify.token);
  if spent.token_type is null then
    return auth_private.refused('otp_expired');
  end if;
  claimant := auth_private.verified(claimant.id, spent.token_type);
  return auth_private.open_session(claimant.id, 'otp');
end
$$;

comment on function auth.verify is
  'Signs in by a link''s token_hash, or by email and the token (code) that was mailed to it. type: signup, invite, recovery, magiclink or email. Refuses: otp_expired, user_banned and the wrong use of arguments; a wrong code is counted. POST /verify.';

grant execute on function auth.verify to anon, authenticated, service_role;
