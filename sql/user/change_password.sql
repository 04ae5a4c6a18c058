-- A nonce that was right is spent only if nothing refuses afterwards: raising undoes it.

create or replace function auth_private.change_password(
  actor auth.users,
  password text,
  current_password text,
  nonce text
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  reauthenticated auth_private.one_time_codes;
begin
  select * into strict settings from auth_private.settings;

  if settings.security_update_password_require_reauthentication
    and not exists (
      select
      from auth.sessions s
      where s.id = auth.session_id() and s.created_at > now() - interval '24 hours'
    )
  then
    if coalesce(change_password.nonce, '') = '' then
      perform auth_private.refuse('reauthentication_needed');
    end if;
    reauthenticated := auth_private.spend_code(
      '{reauthentication_token}', coalesce(nullif(actor.email, ''), actor.phone),
      change_password.nonce);
    if reauthenticated.user_id is distinct from actor.id then
      return auth_private.refused('reauthentication_not_valid');
    end if;
  end if;

  -- Who has come by a mailed link has just proven more than the old password would.
  if settings.security_update_password_require_current_password
    and actor.encrypted_password <> ''
    and not exists (
      select
      from auth.mfa_amr_claims m
      where m.session_id = auth.session_id()
        and m.authentication_method in ('otp', 'magiclink', 'recovery')
    )
  then
    if coalesce(change_password.current_password, '') = '' then
      perform auth_private.refuse('current_password_required');
    end if;
    if not auth_private.password_matches(
      change_password.current_password, actor.encrypted_password)
    then
      perform auth_private.refuse('current_password_invalid');
    end if;
  end if;

  if auth_private.password_matches(change_password.password, actor.encrypted_password) then
    perform auth_private.refuse('same_password');
  end if;

  perform auth_private.set_password(actor.id, change_password.password, auth.session_id());
  perform auth_private.audit('user_updated_password', 'user', actor);
  perform auth_private.notify('password_changed_notification', actor, actor.email);
  return null;
end
$$;

comment on function auth_private.change_password is
  'Sets the password, ends all other sessions and voids what was mailed. Returns a refusal that must be remembered (a wrong nonce), else null. Refuses: reauthentication_needed, current_password_required, current_password_invalid, same_password.';
