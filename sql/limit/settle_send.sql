create or replace function auth_private.settle_send()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from auth_private.sends s where s.id = new.id;
  if not auth_private.take_send(new.channel) and new.refusable then
    perform auth_private.refuse_send(new.channel);
  end if;
  return null;
end
$$;

comment on function auth_private.settle_send is
  'Trigger function: counts what is sent, as late as the transaction allows. Refuses: over_email_send_rate_limit, over_sms_send_rate_limit.';

-- A trigger that waits for the commit can not be replaced.
drop trigger if exists settle_send on auth_private.sends;

create constraint trigger settle_send
  after insert on auth_private.sends
  deferrable initially deferred
  for each row execute function auth_private.settle_send();
