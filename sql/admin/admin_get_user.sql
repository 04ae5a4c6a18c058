create or replace function auth.admin_get_user(user_id uuid default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted auth.users;
begin
  select * into wanted from auth.users u where u.id = admin_get_user.user_id;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;
  return auth_private.user_json(wanted);
end
$$;

comment on function auth.admin_get_user is
  'Any user by id, also one that was softly deleted. Refuses: user_not_found. GET /admin/users/{user_id}.';

grant execute on function auth.admin_get_user to service_role;
