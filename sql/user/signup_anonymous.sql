-- A user without any way to sign in again, until an address is added. The policies of
-- an application can tell such users by auth.is_anonymous().

create or replace function auth_private.signup_anonymous(data jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  new_id constant uuid := gen_random_uuid();
  settings auth_private.settings;
  session jsonb;
begin
  select * into strict settings from auth_private.settings;
  if not settings.external_anonymous_users_enabled then
    perform auth_private.refuse('anonymous_disabled');
  end if;
  if settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;

  perform auth_private.before_user_created(new_id, null, null, signup_anonymous.data);
  perform auth_private.insert_user(
    new_id, null, null, null, null, null, signup_anonymous.data);
  session := auth_private.open_session(new_id, 'anonymous');
  return coalesce(auth_private.after_user_created(new_id), session);
end
$$;

comment on function auth_private.signup_anonymous is
  'A session of a new user without address and identity. Refuses: anonymous_provider_disabled, signup_disabled, and what the hooks refuse.';
