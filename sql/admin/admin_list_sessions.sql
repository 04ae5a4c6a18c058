create or replace function auth.admin_list_sessions(user_id uuid default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from auth.users u where u.id = admin_list_sessions.user_id;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;
  return auth_private.sessions_json(admin_list_sessions.user_id);
end
$$;

comment on function auth.admin_list_sessions is
  'The sessions of any user, as list_sessions has them. Refuses: user_not_found. GET /admin/users/{user_id}/sessions.';

grant execute on function auth.admin_list_sessions to service_role;
