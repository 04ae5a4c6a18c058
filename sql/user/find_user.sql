-- Lower case by the C rules, compared by the column's own, which its index is for.

create or replace function auth_private.find_user(email text)
returns auth.users
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select u
  from auth.users u
  where u.email = lower(find_user.email collate "C") collate "default"
    and u.aud = auth_private.requested_aud()
    and not u.is_sso_user
$$;

comment on function auth_private.find_user is
  'The user with this e-mail address in the requested audience; a null row for none.';
