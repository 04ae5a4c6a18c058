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
  variables constant jsonb := auth_private.mail_variables(queue_mail.kind, queue_mail.recipient,
    queue_mail.address, queue_mail.token_kind, queue_mail.redirect_to, queue_mail.pkce);
begin
  perform auth_private.count_send('email');
  perform auth_private.post_mail(
    queue_mail.kind, queue_mail.recipient, queue_mail.address, variables);
end
$$;

comment on function auth_private.queue_mail is
  'Mails an address of the user a fresh code for the purpose, and a link with a fresh token; a reauthentication has no link. Refuses: email_address_not_authorized, email_address_invalid, over_email_send_rate_limit.';
