-- Queues a mail in the transaction that wants it sent: no user without the mail, no
-- mail without the user, and a dead mail server fails nobody's request.

create or replace function auth_private.send_mail(
  kind text,
  recipient auth.users,
  redirect_to text,
  pkce boolean default false
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  token_kind constant auth.one_time_token_type := case
    when send_mail.kind = 'confirmation' then 'confirmation_token'
    else 'recovery_token'
  end;
  secret record;
begin
  select * into strict settings from auth_private.settings;
  secret := auth_private.issue_token(recipient.id, token_kind, recipient.email, pkce);

  update auth.users u
  set confirmation_sent_at = case when token_kind = 'confirmation_token'
      then now() else u.confirmation_sent_at end,
    recovery_sent_at = case when token_kind = 'recovery_token'
      then now() else u.recovery_sent_at end,
    updated_at = now()
  where u.id = recipient.id;

  insert into auth_private.outbox (kind, user_id, recipient, locale, variables)
  values (
    send_mail.kind, recipient.id, recipient.email,
    coalesce(recipient.raw_user_meta_data ->> 'locale', ''),
    jsonb_build_object(
      'SiteURL', settings.site_url,
      'Email', recipient.email,
      'Data', coalesce(recipient.raw_user_meta_data, '{}'),
      'Token', secret.code,
      'TokenHash', secret.token,
      'RedirectTo', send_mail.redirect_to,
      'ConfirmationURL', auth_private.link(send_mail.kind, secret.token, send_mail.redirect_to)
    )
  );
end
$$;

comment on function auth_private.send_mail is
  'Mails a user a fresh link and code: kind confirmation, recovery or magic_link.';
