create or replace function auth_private.create_user(
  email text,
  phone text,
  password_hash text,
  data jsonb default null
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  new_id constant uuid := gen_random_uuid();
  said constant jsonb := coalesce(create_user.data, '{}');
  newcomer auth.users;
begin
  perform auth_private.before_user_created(
    new_id, create_user.email, create_user.phone, said);
  newcomer := auth_private.insert_user(new_id, null, null, create_user.email, create_user.phone,
    create_user.password_hash,
    -- What users say of themselves can't overrule what is known of them.
    said || jsonb_strip_nulls(jsonb_build_object(
      'sub', new_id, 'email', create_user.email, 'email_verified', false,
      'phone_verified', false)),
    said);
  if newcomer.encrypted_password <> '' then
    insert into auth_private.unproven_passwords (user_id) values (newcomer.id);
  end if;
  return newcomer;
end
$$;

comment on function auth_private.create_user is
  'A user who signs up, unconfirmed, with an identity for the address; data becomes user_metadata. A null row where the address is taken. Refuses what the hook before_user_created refuses.';
