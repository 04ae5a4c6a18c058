-- Asked before a mail is queued and before a decoy is, so that known and unknown addresses are
-- refused alike. The hook send_email gets every address that is authorized, as in GoTrue.

create or replace function auth_private.check_recipient(address text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not auth_private.may_get_mail(check_recipient.address) then
    perform auth_private.refuse('email_address_not_authorized', array[check_recipient.address]);
  end if;
  if (select s.mailer_email_validation_extended from auth_private.settings s)
    and auth_private.hook_uri('send_email') is null
    and auth_private.is_fake_email(check_recipient.address)
  then
    perform auth_private.refuse('email_address_invalid', array[check_recipient.address]);
  end if;
end
$$;

comment on function auth_private.check_recipient is
  'Refuses an address that the settings have no mail sent to: email_address_not_authorized, email_address_invalid.';
