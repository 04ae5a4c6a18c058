-- The application may say no to a user. It is asked for unknown addresses only, so its
-- answers can tell who has an account: a hook that refuses some addresses tells of these.

create or replace function auth_private.before_user_created(
  id uuid,
  email text,
  phone text,
  user_metadata jsonb,
  provider text default null
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  way constant text := case
    when before_user_created.provider <> '' then before_user_created.provider
    when before_user_created.email <> '' then 'email'
    when before_user_created.phone <> '' then 'phone' end;
begin
  if auth_private.hook_uri('before_user_created') is null then
    return;
  end if;

  newcomer.id := before_user_created.id;
  newcomer.aud := auth_private.requested_aud();
  newcomer.email := before_user_created.email;
  newcomer.phone := before_user_created.phone;
  newcomer.raw_app_meta_data := case when way is null then '{}'
    else jsonb_build_object('provider', way, 'providers', array[way]) end;
  newcomer.raw_user_meta_data := before_user_created.user_metadata;
  newcomer.is_anonymous := way is null;
  perform auth_private.run_hook('before_user_created', jsonb_build_object(
    'user', auth_private.user_json(newcomer)
      || '{"created_at": "0001-01-01T00:00:00Z", "updated_at": "0001-01-01T00:00:00Z"}'));
end
$$;

comment on function auth_private.before_user_created is
  'Asks the hook of this name about a user that is going to be made. Refuses what the hook refuses.';
