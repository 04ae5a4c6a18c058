-- Told once of each user that is made, when it is there. Whatever the hook says, the user
-- stays: its error is returned to the client, and only what the hook itself did before it
-- raised is undone.

create or replace function auth_private.after_user_created(user_id uuid)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  error record;
  message text;
  state text;
begin
  if auth_private.hook_uri('after_user_created') is null then
    return null;
  end if;

  select * into strict newcomer from auth.users u where u.id = after_user_created.user_id;
  begin
    error := auth_private.hook_error(auth_private.call_hook('after_user_created',
      jsonb_build_object('user', auth_private.user_json(newcomer))));
  exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text;
    return auth_private.hook_refused(
      case when state ~ '^PT[45][0-9][0-9]$' then substr(state, 3)::integer else 500 end, message);
  end;

  if error.message is null then
    return null;
  end if;
  return auth_private.hook_refused(error.status, error.message);
end
$$;

comment on function auth_private.after_user_created is
  'Tells the hook of this name of a user that was made. Returns the hook''s refusal, with its status set, else null.';
