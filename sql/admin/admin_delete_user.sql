create or replace function auth.admin_delete_user(
  user_id uuid default null,
  should_soft_delete boolean default false
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  gone auth.users;
begin
  select * into gone from auth.users u where u.id = admin_delete_user.user_id for update;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;

  if admin_delete_user.should_soft_delete then
    perform auth_private.soft_delete(gone.id);
  else
    delete from auth.flow_state f where f.user_id = gone.id;
    delete from auth.users u where u.id = gone.id;
  end if;

  perform auth_private.audit('user_deleted', 'team', auth_private.admin_actor(),
    jsonb_build_object('user_id', gone.id, 'user_email', coalesce(gone.email, ''),
      'user_phone', coalesce(gone.phone, '')));
  return '{}';
end
$$;

comment on function auth.admin_delete_user is
  'Deletes a user with all that belongs to it; with should_soft_delete the row stays, emptied, and the address is free again. Returns {}. Refuses: user_not_found. DELETE /admin/users/{user_id}.';

grant execute on function auth.admin_delete_user to service_role;
