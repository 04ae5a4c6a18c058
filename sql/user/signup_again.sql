-- A known address with autoconfirm. Only the right password opens a session: knowing an
-- address that was never confirmed must not be enough.

create or replace function auth_private.signup_again(claimant auth.users, same_password boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if claimant.email_confirmed_at is not null
    or claimant.banned_until > now()
    or not same_password
  then
    perform auth_private.refuse('user_already_exists');
  end if;

  return auth_private.signup_confirmed(claimant);
end
$$;

comment on function auth_private.signup_again is
  'A session for an unconfirmed user who signs up again with the same password. Refuses: user_already_exists.';
