-- Both addresses have to agree: whoever has stolen a session could otherwise move the
-- account to an address of their own.
--
-- An address that another user has gets no mail, since its link could not work. The same is
-- written, so that whoever asks does not learn it from that.
--
-- The hook send_email is told of both mails at once. As in GoTrue, and as every such hook
-- therefore expects, the pairs are crossed: token is the code for the present address, and
-- token_hash the link for the new one. Where another user has the new address the hook is
-- told all the same: a call without it would tell whoever reads the present one's mail.

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
  hooked constant boolean := auth_private.hook_uri('send_email') is not null;
  proposed jsonb;
  present jsonb;
begin
  update auth.users u
  set email_change_sent_at = now(), email_change_confirm_status = 0, updated_at = now()
  where u.id = actor.id;

  proposed := auth_private.mail_variables('email_change', actor, actor.email_change,
    'email_change_token_new', target, pkce);
  if coalesce(actor.email, '') <> ''
    and (select s.mailer_secure_email_change_enabled from auth_private.settings s)
  then
    present := auth_private.mail_variables('email_change', actor, actor.email,
      'email_change_token_current', target, pkce);
  end if;

  perform auth_private.count_send('email');
  if present is not null and hooked then
    perform auth_private.hook_email('email_change', actor, actor.email_change,
      jsonb_build_object(
        'token', present -> 'Token',
        'token_hash', proposed -> 'TokenHash',
        'token_new', proposed -> 'Token',
        'token_hash_new', present -> 'TokenHash',
        'redirect_to', target
      ));
    return;
  end if;
  if not hooked and exists (
    select
    from auth.users u
    where u.email = actor.email_change and not u.is_sso_user and u.id <> actor.id
  ) then
    perform auth_private.post_decoy(actor.email_change);
  else
    perform auth_private.post_mail('email_change', actor, actor.email_change, proposed);
  end if;
  if present is not null then
    perform auth_private.post_mail('email_change', actor, actor.email, present);
  end if;
end
$$;

comment on function auth_private.send_email_change is
  'Mails the user''s new address, and the present one if the settings say so, a link that confirms the change; both count as one mail. Refuses: email_address_not_authorized, over_email_send_rate_limit.';
