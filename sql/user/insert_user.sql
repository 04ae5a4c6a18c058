-- The one place where users come from, whoever makes them. The indexes decide between two
-- that want one address, and the loser gets a null row instead of an error, to go on as
-- for an address that is known.

create or replace function auth_private.insert_user(
  id uuid,
  aud text,
  role text,
  email text,
  phone text,
  password_hash text,
  user_metadata jsonb,
  identity_data jsonb default '{}'
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  providers constant text[] := array_remove(array[
    case when insert_user.email <> '' then 'email' end,
    case when insert_user.phone <> '' then 'phone' end], null);
begin
  insert into auth.users (
    instance_id, id, aud, role, email, phone, encrypted_password,
    confirmation_token, recovery_token, email_change_token_new, email_change,
    raw_app_meta_data, raw_user_meta_data, is_anonymous, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000', insert_user.id,
    coalesce(nullif(insert_user.aud, ''), auth_private.requested_aud()),
    coalesce(nullif(insert_user.role, ''), s.jwt_default_group_name),
    nullif(insert_user.email, ''), nullif(insert_user.phone, ''),
    coalesce(insert_user.password_hash, ''), '', '', '', '',
    case when providers = '{}' then '{}'::jsonb
      else jsonb_build_object('provider', providers[1], 'providers', providers) end,
    coalesce(insert_user.user_metadata, '{}'), providers = '{}', now(), now()
  from auth_private.settings s
  on conflict do nothing
  returning * into newcomer;

  if not found then
    return null;
  end if;

  insert into auth.identities (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  select
    newcomer.id, newcomer.id,
    insert_user.identity_data || jsonb_strip_nulls(jsonb_build_object(
      'sub', newcomer.id,
      'email', case provider when 'email' then newcomer.email end,
      'email_verified', false,
      'phone_verified', false
    )),
    provider, now(), now(), now()
  from unnest(providers) provider;

  return newcomer;
end
$$;

comment on function auth_private.insert_user is
  'A new user, unconfirmed, with an identity for each address, and anonymous without one; without a password hash there is no password. A null row where an address or the id is taken.';
