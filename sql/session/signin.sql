-- Signs in with a password. An unknown address, a user without a password and a wrong
-- password cost one hash each and get one answer.
--
-- A refusal is raised, but for the hook about passwords: what it has written must outlive
-- the refusal, which is then returned.

create or replace function auth.signin(
  email text default null,
  password text default null,
  phone text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings record;
  by_phone constant boolean := coalesce(signin.phone, '') <> '';
  claimant auth.users;
  proven boolean;
  hooked boolean;
  refusal jsonb;
begin
  select s.external_email_enabled, s.external_phone_enabled into strict settings
  from auth_private.settings s;

  if signin.email <> '' and signin.phone <> '' then
    perform auth_private.refuse('signin_email_and_phone');
  end if;
  if coalesce(signin.email, '') = '' and not by_phone then
    perform auth_private.refuse('signin_without_address');
  end if;
  if by_phone and not settings.external_phone_enabled then
    perform auth_private.refuse('signin_phone_disabled');
  end if;
  if not by_phone and not settings.external_email_enabled then
    perform auth_private.refuse('signin_email_disabled');
  end if;

  claimant := case when by_phone then auth_private.find_user_by_phone(signin.phone)
    else auth_private.find_user(signin.email) end;
  if claimant.banned_until > now() then
    perform auth_private.refuse('signin_banned');
  end if;

  proven := auth_private.password_matches(signin.password, claimant.encrypted_password);
  -- Hashing takes long. Whoever changes the password meanwhile ends all sessions, and a
  -- session opened afterwards by the old password would outlive that.
  if proven then
    perform
    from auth.users u
    where u.id = claimant.id and u.encrypted_password = claimant.encrypted_password
    for no key update;
    proven := found;
  end if;

  refusal := auth_private.password_attempted(claimant, proven);
  if refusal is not null then
    return refusal;
  end if;
  if not proven then
    perform auth_private.refuse('invalid_credentials');
  end if;
  hooked := auth_private.hook_uri('password_verification_attempt') is not null;
  if by_phone and claimant.phone_confirmed_at is null then
    if hooked then
      return auth_private.refused('phone_not_confirmed');
    end if;
    perform auth_private.refuse('phone_not_confirmed');
  end if;
  if not by_phone and claimant.email_confirmed_at is null then
    if hooked then
      return auth_private.refused('email_not_confirmed');
    end if;
    perform auth_private.refuse('email_not_confirmed');
  end if;

  perform auth_private.audit('login', 'account', claimant,
    jsonb_build_object('provider', case when by_phone then 'phone' else 'email' end));
  return auth_private.open_session(claimant.id, 'password') || jsonb_build_object(
    'weak_password', auth_private.password_weakness(signin.password));
end
$$;

comment on function auth.signin is
  'Signs in with e-mail address or telephone number and password; returns a session, with weak_password where the password would not be taken today. Refuses: invalid_credentials, email_not_confirmed, phone_not_confirmed, user_banned, what the hook password_verification_attempt refuses, and the wrong use of arguments. POST /token?grant_type=password.';

grant execute on function auth.signin to anon, authenticated, service_role;
