-- Queues a mail in the transaction that wants it sent: no user without the mail, no
-- mail without the user, and a dead mail server fails nobody's request.

create or replace function auth_private.queue_mail(
  kind text,
  recipient auth.users,
  address text,
  token_kind auth.one_time_token_type,
  redirect_to text default null,
  pkce boolean default false
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  secret record;
  variables jsonb;
begin
  if not auth_private.may_get_mail(queue_mail.address) then
    perform auth_private.refuse('email_address_not_authorized', array[queue_mail.address]);
  end if;
  secret := auth_private.issue_token(recipient.id, token_kind, queue_mail.address, pkce);

  variables := jsonb_build_object('Token', secret.code);
  if queue_mail.kind <> 'reauthentication' then
    variables := variables || jsonb_build_object(
      'TokenHash', secret.token,
      'RedirectTo', queue_mail.redirect_to,
      'ConfirmationURL', auth_private.link(queue_mail.kind, secret.token, queue_mail.redirect_to)
    );
  end if;
  if queue_mail.kind = 'email_change' then
    variables := variables || jsonb_build_object(
      'NewEmail', recipient.email_change,
      'SendingTo', queue_mail.address
    );
  end if;
  perform auth_private.post_mail(queue_mail.kind, recipient, queue_mail.address, variables);
end
$$;

comment on function auth_private.queue_mail is
  'Mails an address of the user a fresh code for the purpose, and a link with a fresh token; a reauthentication has no link. Refuses: email_address_not_authorized.';
