-- Two sign-ups for one address may run side by side. The index decides, and the loser
-- gets a null row instead of an error, to go on as for an address that is known.

create or replace function auth_private.create_user(
  email text,
  password_hash text,
  data jsonb default null
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  newcomer auth.users;
  new_id uuid := gen_random_uuid();
  profile jsonb := coalesce(create_user.data, '{}') || jsonb_build_object(
    'sub', new_id, 'email', create_user.email, 'email_verified', false, 'phone_verified', false);
begin
  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password,
    confirmation_token, recovery_token, email_change_token_new, email_change,
    raw_app_meta_data, raw_user_meta_data, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000', new_id, auth_private.requested_aud(),
    s.jwt_default_group_name, create_user.email, create_user.password_hash,
    '', '', '', '',
    '{"provider": "email", "providers": ["email"]}', profile, now(), now()
  from auth_private.settings s
  on conflict (email) where is_sso_user = false do nothing
  returning * into newcomer;

  if not found then
    return null;
  end if;

  insert into auth.identities (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (new_id, new_id, profile, 'email', now(), now(), now());

  return newcomer;
end
$$;

comment on function auth_private.create_user is
  'A new user, unconfirmed, with an e-mail identity; a null row where the address is taken.';
