create or replace function auth_private.confirm_phone(user_id uuid)
returns auth.users
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  delete from auth_private.unproven_passwords p where p.user_id = confirm_phone.user_id;
  update auth.users u
  set phone_confirmed_at = now(), is_anonymous = false, updated_at = now()
  where u.id = confirm_phone.user_id
  returning u.*;
$$;

comment on function auth_private.confirm_phone is
  'Marks a user''s telephone number as proven, now.';
