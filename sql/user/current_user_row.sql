create or replace function auth_private.current_user_row()
returns auth.users
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  uid constant uuid := auth.uid();
  present auth.users;
begin
  if uid is null then
    perform auth_private.refuse('sub_missing');
  end if;

  select * into present from auth.users u where u.id = uid and u.deleted_at is null;
  if not found then
    perform auth_private.refuse('user_not_found');
  end if;
  return present;
end
$$;

comment on function auth_private.current_user_row is
  'The user of the request. Refuses: bad_jwt without one, user_not_found.';
