-- Changes the user's own account. A new password ends every other session and kills
-- every mailed link, since whoever sets one may be throwing an intruder out. A new
-- address counts only once it, and the present one, have been confirmed.
--
-- That an address is taken is told, unless the settings forbid it: then it is answered like
-- a free one, of which no mail ever comes. The order of the checks is GoTrue's.

create or replace function auth.update_user(
  password text default null,
  data jsonb default null,
  email text default null,
  current_password text default null,
  nonce text default null,
  phone text default null,
  app_metadata jsonb default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null,
  channel text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
  address text;
  digits text;
  way text;
  reveals constant boolean := (select s.security_reveal_accounts from auth_private.settings s);
  refusal jsonb;
begin
  perform auth_private.check_object('data', update_user.data);
  perform auth_private.check_object('app_metadata', update_user.app_metadata);
  if coalesce(update_user.email, '') <> '' then
    address := nullif(auth_private.validate_email(update_user.email), actor.email);
  end if;
  if coalesce(update_user.phone, '') <> '' then
    digits := nullif(auth_private.validate_phone(update_user.phone), actor.phone);
    way := auth_private.sms_channel(update_user.channel);
  end if;
  if update_user.password is not null then
    perform auth_private.check_password(update_user.password);
  end if;
  if update_user.app_metadata is not null and not auth_private.is_admin(actor) then
    perform auth_private.refuse('app_metadata_forbidden');
  end if;
  if update_user.password is not null or address is not null or digits is not null then
    perform auth_private.require_aal2(actor);
  end if;
  if actor.is_anonymous and update_user.password is not null and address is null and digits is null
  then
    perform auth_private.refuse('anonymous_password');
  end if;
  if actor.is_sso_user and (update_user.password is not null or address is not null
    or digits is not null or update_user.nonce <> '')
  then
    perform auth_private.refuse('user_sso_managed');
  end if;
  if reveals and exists (
    select from auth.users u where u.email = address and not u.is_sso_user and u.aud = actor.aud
  ) then
    perform auth_private.refuse('email_exists');
  end if;
  if reveals and exists (select from auth.users u where u.phone = digits) then
    perform auth_private.refuse('phone_taken');
  end if;

  if update_user.password is not null then
    refusal := auth_private.change_password(actor, update_user.password,
      update_user.current_password, update_user.nonce);
  end if;
  if refusal is not null then
    return refusal;
  end if;
  if address is not null then
    perform auth_private.check_code_challenge(
      update_user.code_challenge, update_user.code_challenge_method);
    perform auth_private.request_email_change(actor, address, update_user.redirect_to,
      update_user.code_challenge, update_user.code_challenge_method);
  end if;
  if digits is not null then
    perform auth_private.request_phone_change(actor, digits, way);
  end if;

  update auth.users u
  set raw_user_meta_data = auth_private.merge_metadata(u.raw_user_meta_data, update_user.data),
    raw_app_meta_data = auth_private.merge_metadata(
      u.raw_app_meta_data, update_user.app_metadata),
    updated_at = now()
  where u.id = actor.id
  returning * into actor;

  perform auth_private.audit('user_modified', 'user', actor);
  return auth_private.user_json(actor);
end
$$;

comment on function auth.update_user is
  'Changes the user of the request: password; user_metadata, where data is merged and null deletes a key; email, which is mailed for confirmation and is new_email until then; phone, to which a code is sent by channel sms or whatsapp, and which is new_phone until then; app_metadata, for admins. nonce is a code from auth.reauthenticate, for settings that ask for one. Refuses: weak_password, same_password, current_password_required, reauthentication_needed, insufficient_aal, user_sso_managed, email_exists, phone_exists, over_email_send_rate_limit, over_sms_send_rate_limit, not_admin for app_metadata. PUT /user.';

grant execute on function auth.update_user to authenticated, service_role;
