-- Tells a user what has happened to the account: the only way in which its owner hears of
-- an intruder. It comes after the fact and never undoes it, so where there is nobody to
-- write to nothing is said.

create or replace function auth_private.notify(
  kind text,
  recipient auth.users,
  address text,
  variables jsonb default '{}'
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  setting constant text := format('mailer_notifications_%s_enabled',
    regexp_replace(notify.kind, '_notification$', ''));
begin
  if coalesce(notify.address, '') <> ''
    and (select (to_jsonb(s) ->> setting)::boolean from auth_private.settings s)
    and auth_private.may_get_mail(notify.address)
    and auth_private.count_send('email', refusable => false)
  then
    begin
      perform auth_private.post_mail(
        notify.kind, notify.recipient, notify.address, notify.variables);
    exception when others then
      raise log '% not sent: %', notify.kind, sqlstate;
    end;
  end if;
end
$$;

comment on function auth_private.notify is
  'Mails a user of an event: kind password_changed_notification, email_changed_notification (OldEmail), phone_changed_notification (Phone, OldPhone), identity_linked_notification and identity_unlinked_notification (Provider), mfa_factor_enrolled_notification and mfa_factor_unenrolled_notification (FactorType). Nothing if the settings do not ask for it or the address is empty, or no more mails may be sent.';
