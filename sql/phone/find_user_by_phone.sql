create or replace function auth_private.find_user_by_phone(phone text)
returns auth.users
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select u
  from auth.users u
  where u.phone = auth_private.phone_digits(find_user_by_phone.phone)
    and u.aud = auth_private.requested_aud()
    and not u.is_sso_user
$$;

comment on function auth_private.find_user_by_phone is
  'The user with this telephone number in the requested audience; a null row for none.';
