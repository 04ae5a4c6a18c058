-- Makes a user at once: no mail is sent, the strength of the password is not looked at,
-- and settings that close sign-up do not count. Without a password there is none, so the
-- user comes in by a mailed link.

create or replace function auth.admin_create_user(
  email text default null,
  password text default null,
  phone text default null,
  user_metadata jsonb default null,
  app_metadata jsonb default null,
  email_confirm boolean default false,
  phone_confirm boolean default false,
  role text default null,
  ban_duration text default null,
  password_hash text default null,
  id text default null,
  aud text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  bcrypt_form constant text := '^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$';
  uuid_form constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
  address text;
  digits text;
  hash text := nullif(admin_create_user.password_hash, '');
  newcomer auth.users;
begin
  perform auth_private.check_object('user_metadata', admin_create_user.user_metadata);
  perform auth_private.check_object('app_metadata', admin_create_user.app_metadata);
  if coalesce(admin_create_user.email, '') = '' and coalesce(admin_create_user.phone, '') = '' then
    perform auth_private.refuse('admin_user_without_address');
  end if;
  if admin_create_user.email <> '' then
    address := auth_private.validate_email(admin_create_user.email);
  end if;
  if admin_create_user.phone <> '' then
    digits := auth_private.validate_phone(admin_create_user.phone);
  end if;
  perform auth_private.check_addresses_free(address, digits);
  if admin_create_user.password <> '' and hash is not null then
    perform auth_private.refuse('password_and_hash');
  end if;
  if hash !~ bcrypt_form then
    perform auth_private.refuse('password_hash_unsupported');
  end if;
  if octet_length(auth_private.normal_password(admin_create_user.password)) > 72 then
    perform auth_private.refuse('password_too_long');
  end if;
  if admin_create_user.id <> '' and admin_create_user.id !~ uuid_form then
    perform auth_private.refuse('new_id_invalid');
  end if;
  if admin_create_user.id = '00000000-0000-0000-0000-000000000000' then
    perform auth_private.refuse('new_id_nil');
  end if;

  newcomer := auth_private.insert_user(
    coalesce(nullif(admin_create_user.id, '')::uuid, gen_random_uuid()),
    admin_create_user.aud, admin_create_user.role, address, digits,
    coalesce(auth_private.hash_password(nullif(admin_create_user.password, '')), hash),
    admin_create_user.user_metadata);
  if newcomer.id is null then
    -- Another request has just been faster, or it is the id that is taken.
    perform auth_private.check_addresses_free(address, digits);
    perform auth_private.refuse('new_id_taken');
  end if;

  update auth.users u
  set email_confirmed_at = case when email_confirm and address is not null then now() end,
    phone_confirmed_at = case when phone_confirm and digits is not null then now() end,
    banned_until = auth_private.ban_end(admin_create_user.ban_duration, null),
    raw_app_meta_data = auth_private.merge_metadata(
      u.raw_app_meta_data, admin_create_user.app_metadata),
    raw_user_meta_data = u.raw_user_meta_data || case
      when email_confirm and address is not null then '{"email_verified": true}' else '{}'
    end::jsonb
  where u.id = newcomer.id
  returning u.* into strict newcomer;

  perform auth_private.audit('user_signedup', 'team', auth_private.admin_actor(),
    jsonb_build_object('user_id', newcomer.id, 'user_email', coalesce(newcomer.email, ''),
      'user_phone', coalesce(newcomer.phone, '')));
  return auth_private.user_json(newcomer);
end
$$;

comment on function auth.admin_create_user is
  'Makes a user with an e-mail address or a telephone number, and returns it; nothing is mailed. email_confirm and phone_confirm make the address count as proven; password_hash takes a bcrypt hash from elsewhere; ban_duration is as 24h. Refuses: email_exists, phone_exists, validation_failed. POST /admin/users.';

grant execute on function auth.admin_create_user to service_role;
