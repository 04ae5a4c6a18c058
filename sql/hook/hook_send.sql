-- A function of the database sends within the transaction, and its refusal undoes what was
-- to be sent about. A hook at a URL is called by the worker, which tries until it is heard:
-- a site that is down fails nobody's request. The uuid in the metadata stays the same.

create or replace function auth_private.hook_send(
  name text,
  recipient auth.users,
  address text,
  payload jsonb
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if auth_private.hook_uri(hook_send.name) !~ '^https?:' then
    perform auth_private.run_hook(hook_send.name, hook_send.payload);
    return;
  end if;

  insert into auth_private.outbox (channel, kind, user_id, recipient, variables)
  values ('hook', hook_send.name, recipient.id, hook_send.address,
    auth_private.hook_input(hook_send.name, hook_send.payload));
end
$$;

comment on function auth_private.hook_send is
  'Gives what is to be sent to the address to the hook send_email or send_sms. Refuses what a hook of the database refuses.';
