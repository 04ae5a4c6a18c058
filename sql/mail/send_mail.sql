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
begin
  if send_mail.kind = 'confirmation' then
    perform auth_private.queue_mail(send_mail.kind, recipient, recipient.email,
      'confirmation_token', send_mail.redirect_to, pkce);
    update auth.users u set confirmation_sent_at = now(), updated_at = now()
    where u.id = recipient.id;
    return;
  end if;

  perform auth_private.queue_mail(send_mail.kind, recipient, recipient.email,
    'recovery_token', send_mail.redirect_to, pkce);
  update auth.users u set recovery_sent_at = now(), updated_at = now()
  where u.id = recipient.id;
end
$$;

comment on function auth_private.send_mail is
  'Mails a user the link to confirm or to sign in: kind confirmation, recovery or magic_link.';
