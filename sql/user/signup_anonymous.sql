-- A user without any way to sign in again, until an address is added. The policies of
-- an application can tell such users by auth.is_anonymous().

create or replace function auth_private.signup_anonymous(data jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  newcomer constant uuid := gen_random_uuid();
begin
  select * into strict settings from auth_private.settings;
  if not settings.external_anonymous_users_enabled then
    perform auth_private.refuse('anonymous_disabled');
  end if;
  if settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;

  insert into auth.users (
    instance_id, id, aud, role, encrypted_password,
    confirmation_token, recovery_token, email_change_token_new, email_change,
    raw_app_meta_data, raw_user_meta_data, is_anonymous, created_at, updated_at
  )
  values (
    '00000000-0000-0000-0000-000000000000', newcomer, auth_private.requested_aud(),
    settings.jwt_default_group_name, '', '', '', '', '',
    '{}', coalesce(signup_anonymous.data, '{}'), true, now(), now()
  );
  return auth_private.open_session(newcomer, 'anonymous');
end
$$;

comment on function auth_private.signup_anonymous is
  'A session of a new user without address and identity. Refuses: anonymous_provider_disabled, signup_disabled.';
