-- For an address that gets no mail: writes what a mail would write, so that neither the
-- answer's delay nor the rows tell whether there is a user, and refuses what a mail would.
-- A function of the database that sends mail writes nobody knows what, so it has no decoy.

create or replace function auth_private.send_decoy(recipient text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  uri constant text := auth_private.hook_uri('send_email');
begin
  -- A number stands for an address that is not known.
  if not auth_private.is_phone(send_decoy.recipient)
    and not auth_private.may_get_mail(send_decoy.recipient)
  then
    perform auth_private.refuse('email_address_not_authorized', array[send_decoy.recipient]);
  end if;
  if uri !~ '^https?:' then
    return;
  end if;
  insert into auth_private.outbox (channel, kind, recipient)
  values (case when uri is null then 'email' else 'hook' end, 'decoy', send_decoy.recipient);
end
$$;

comment on function auth_private.send_decoy is
  'Queues a mail that the worker throws away. Refuses: email_address_not_authorized.';
