-- What follows from following a link or typing its code. Everything else that was
-- sent to the user is void from then on. An e-mail address need not wait any longer; a
-- number has to, since whoever owns a number that earns by being called would ask without end.

create or replace function auth_private.verified(
  user_id uuid,
  kind auth.one_time_token_type,
  phone text default null
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant auth.users;
begin
  select * into strict claimant from auth.users u where u.id = verified.user_id
  for no key update;
  if claimant.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  if verified.phone is not null then
    return auth_private.verified_phone(claimant, verified.kind, verified.phone);
  end if;
  if verified.kind in ('email_change_token_new', 'email_change_token_current') then
    if not auth_private.confirm_email_change(claimant, verified.kind) then
      return null;
    end if;
  elsif claimant.email_confirmed_at is null or verified.kind = 'confirmation_token' then
    perform auth_private.audit('user_signedup', 'team', claimant, '{"provider": "email"}');
    perform auth_private.settle_password(claimant.id, verified.kind = 'confirmation_token');
    perform auth_private.confirm_email(claimant.id);
  else
    perform auth_private.audit('login', 'account', claimant);
  end if;

  perform auth_private.discard_tokens(claimant.id);
  -- Who is asking for a mail at this moment holds the row, and it stays.
  delete from auth_private.cooldowns c
  where (c.address_hash, c.purpose) in (
    select o.address_hash, o.purpose
    from auth_private.cooldowns o
    where o.address_hash = sha256(convert_to(claimant.email, 'UTF8'))
    for update skip locked
  );
  return auth_private.refresh_providers(claimant.id);
end
$$;

comment on function auth_private.verified is
  'Confirms the address that a spent link or code was mailed to, or the number that the code was sent to; the user as it is then, or a null row after the first of two confirmations of a new address. Refuses: user_banned.';
