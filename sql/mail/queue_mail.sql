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
begin
  secret := auth_private.issue_token(recipient.id, token_kind, queue_mail.address, pkce);

  insert into auth_private.outbox (kind, user_id, recipient, locale, variables)
  select
    queue_mail.kind, (queue_mail.recipient).id, queue_mail.address,
    coalesce((queue_mail.recipient).raw_user_meta_data ->> 'locale', ''),
    jsonb_build_object(
      'SiteURL', s.site_url,
      'Email', coalesce((queue_mail.recipient).email, ''),
      'NewEmail', coalesce((queue_mail.recipient).email_change, ''),
      'SendingTo', queue_mail.address,
      'Data', coalesce((queue_mail.recipient).raw_user_meta_data, '{}'),
      'Token', secret.code,
      'TokenHash', secret.token,
      'RedirectTo', coalesce(queue_mail.redirect_to, ''),
      'ConfirmationURL', coalesce(
        auth_private.link(queue_mail.kind, secret.token, queue_mail.redirect_to), '')
    )
  from auth_private.settings s;
end
$$;

comment on function auth_private.queue_mail is
  'Mails an address of the user a fresh link and code for the purpose. Without a redirect_to there is no link.';
