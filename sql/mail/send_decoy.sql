-- For an address that gets no mail: writes what a mail would write, so that neither the
-- answer's delay nor the rows tell whether there is a user, and refuses what a mail would.

create or replace function auth_private.send_decoy(recipient text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A number stands for an address that is not known.
  if not auth_private.is_phone(send_decoy.recipient) then
    perform auth_private.check_recipient(send_decoy.recipient);
  end if;
  perform auth_private.count_send('email');
  perform auth_private.post_decoy(send_decoy.recipient);
end
$$;

comment on function auth_private.send_decoy is
  'Queues a mail that the worker throws away. Refuses: email_address_not_authorized, email_address_invalid, over_email_send_rate_limit.';
