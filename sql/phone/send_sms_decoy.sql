-- For a number that gets no SMS: the answers and the rows are those of one that does. A
-- function of the database that sends writes nobody knows what, so it has no decoy.

create or replace function auth_private.send_sms_decoy(phone text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  uri constant text := auth_private.hook_uri('send_sms');
begin
  if auth_private.test_code(send_sms_decoy.phone) is not null then
    return;
  end if;
  perform auth_private.require_sms_provider();
  perform auth_private.count_send('sms');
  if uri !~ '^https?:' then
    return;
  end if;
  insert into auth_private.outbox (channel, kind, recipient)
  values (case when uri is null then 'sms' else 'hook' end, 'decoy', send_sms_decoy.phone);
end
$$;

comment on function auth_private.send_sms_decoy is
  'Queues an SMS that the worker throws away. Refuses: as auth_private.send_sms.';
