-- Both addresses have to agree: whoever has stolen a session could otherwise move the
-- account to an address of their own.
--
-- An address that another user has gets no mail, since its link could not work. The same is
-- written, so that whoever asks does not learn it from that.

create or replace function auth_private.send_email_change(
  actor auth.users,
  redirect_to text,
  code_challenge text,
  code_challenge_method text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(send_email_change.redirect_to);
  pkce constant boolean := auth_private.open_flow(actor.id, 'email_change',
    send_email_change.code_challenge, send_email_change.code_challenge_method);
begin
  update auth.users u
  set email_change_sent_at = now(), email_change_confirm_status = 0, updated_at = now()
  where u.id = actor.id;

  if exists (
    select
    from auth.users u
    where u.email = actor.email_change and not u.is_sso_user and u.id <> actor.id
  ) then
    perform auth_private.issue_token(actor.id, 'email_change_token_new', actor.email_change);
    perform auth_private.send_decoy(actor.email_change);
  else
    perform auth_private.queue_mail('email_change', actor, actor.email_change,
      'email_change_token_new', target, pkce);
  end if;
  if coalesce(actor.email, '') <> ''
    and (select s.mailer_secure_email_change_enabled from auth_private.settings s)
  then
    perform auth_private.queue_mail('email_change', actor, actor.email,
      'email_change_token_current', target, pkce);
  end if;
end
$$;

comment on function auth_private.send_email_change is
  'Mails the user''s new address, and the present one if the settings say so, a link that confirms the change.';
