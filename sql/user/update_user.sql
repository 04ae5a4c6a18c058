-- Changes the user's own account. A new password ends every other session and kills
-- every mailed link, since whoever sets one may be throwing an intruder out.

create or replace function auth.update_user(
  password text default null,
  data jsonb default null,
  current_password text default null,
  email text default null,
  phone text default null,
  app_metadata jsonb default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  if update_user.password is not null then
    perform auth_private.check_password(update_user.password);
  end if;
  if update_user.app_metadata is not null then
    perform auth_private.refuse('app_metadata_forbidden');
  end if;
  if coalesce(update_user.email, '') <> ''
    and lower(update_user.email collate "C") is distinct from actor.email
  then
    perform auth_private.validate_email(update_user.email);
    perform auth_private.refuse('email_change_unavailable');
  end if;
  if update_user.phone <> '' and update_user.phone is distinct from actor.phone then
    perform auth_private.refuse('phone_change_unavailable');
  end if;

  if update_user.password is not null then
    perform auth_private.change_password(
      actor, update_user.password, update_user.current_password);
  end if;

  update auth.users u
  set raw_user_meta_data = auth_private.merge_metadata(u.raw_user_meta_data, update_user.data),
    updated_at = now()
  where u.id = actor.id
  returning * into actor;

  perform auth_private.audit('user_modified', 'user', actor);
  return auth_private.user_json(actor);
end
$$;

comment on function auth.update_user is
  'Changes the password or the user_metadata of the user of the request; data is merged, null deletes a key. Refuses: weak_password, same_password, current_password_required, insufficient_aal, not_admin for app_metadata. PUT /user.';

grant execute on function auth.update_user to authenticated;
