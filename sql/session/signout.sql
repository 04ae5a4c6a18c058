-- Ends sessions, and with them at once the access tokens that belong to them.

create or replace function auth.signout(scope text default 'global')
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
  present uuid := auth.session_id();
  reach constant text := coalesce(nullif(signout.scope, ''), 'global');
begin
  if reach not in ('global', 'local', 'others') then
    perform auth_private.refuse('signout_scope_unknown', array[reach]);
  end if;

  perform auth_private.audit('logout', 'account', actor);
  delete from auth.sessions s
  where s.user_id = actor.id
    and case
      when reach = 'global' or present is null then true
      when reach = 'local' then s.id = present
      else s.id <> present
    end;

  perform auth_private.respond(204);
end
$$;

comment on function auth.signout is
  'Signs the user of the request out: global for all sessions, local for this one, others for all but this one. Refuses: validation_failed for another scope. POST /logout.';

grant execute on function auth.signout to authenticated, service_role;
