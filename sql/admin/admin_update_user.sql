-- Changes any user, at once and without a mail. A new password ends all sessions and
-- voids what was mailed: whoever has an admin set one may have lost the account.

create or replace function auth.admin_update_user(
  user_id uuid default null,
  email text default null,
  password text default null,
  phone text default null,
  user_metadata jsonb default null,
  app_metadata jsonb default null,
  email_confirm boolean default false,
  phone_confirm boolean default false,
  role text default null,
  ban_duration text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  changed auth.users;
  address text;
  digits text;
  confirms_email constant boolean := coalesce(admin_update_user.email_confirm, false);
  confirms_phone constant boolean := coalesce(admin_update_user.phone_confirm, false);
begin
  perform auth_private.check_object('user_metadata', admin_update_user.user_metadata);
  perform auth_private.check_object('app_metadata', admin_update_user.app_metadata);
  perform from auth.users u where u.id = admin_update_user.user_id for no key update;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;
  if admin_update_user.email <> '' then
    address := auth_private.validate_email(admin_update_user.email);
  end if;
  if admin_update_user.phone <> '' then
    digits := auth_private.validate_phone(admin_update_user.phone);
  end if;
  if admin_update_user.password is not null then
    perform auth_private.check_password(admin_update_user.password);
  end if;
  perform auth_private.check_addresses_free(address, digits, admin_update_user.user_id);

  if admin_update_user.password is not null then
    perform auth_private.set_password(admin_update_user.user_id, admin_update_user.password);
  end if;
  if address is not null or digits is not null then
    perform auth_private.set_addresses(
      admin_update_user.user_id, address, digits, confirms_email, confirms_phone);
  end if;
  if confirms_email then
    perform auth_private.confirm_email(admin_update_user.user_id);
  end if;

  update auth.users u
  set email_confirmed_at = case when confirms_email then now() else u.email_confirmed_at end,
    phone_confirmed_at = case when confirms_phone then now() else u.phone_confirmed_at end,
    is_anonymous = u.is_anonymous and not (
      confirms_email and address is not null or confirms_phone and digits is not null),
    role = coalesce(nullif(admin_update_user.role, ''), u.role),
    banned_until = auth_private.ban_end(admin_update_user.ban_duration, u.banned_until),
    raw_app_meta_data = auth_private.merge_metadata(
      u.raw_app_meta_data, admin_update_user.app_metadata),
    raw_user_meta_data = auth_private.merge_metadata(
      u.raw_user_meta_data, admin_update_user.user_metadata),
    updated_at = now()
  where u.id = admin_update_user.user_id
  returning u.* into strict changed;

  perform auth_private.audit('user_modified', 'user', auth_private.admin_actor(),
    jsonb_build_object('user_id', changed.id, 'user_email', coalesce(changed.email, ''),
      'user_phone', coalesce(changed.phone, '')));
  return auth_private.user_json(changed);
end
$$;

comment on function auth.admin_update_user is
  'Changes a user and returns it: e-mail address, telephone number, password, role; app_metadata and user_metadata, which are merged, and null deletes a key; ban_duration as 24h, or none; email_confirm and phone_confirm, where false changes nothing. A password ends all sessions. Refuses: user_not_found, email_exists, phone_exists, weak_password, validation_failed. PUT /admin/users/{user_id}.';

grant execute on function auth.admin_update_user to service_role;
