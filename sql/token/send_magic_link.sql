-- Mails a link to sign in with, to a confirmed user; anyone else is signed up by it.
-- Unknown addresses and users that were never confirmed get the confirmation mail,
-- which signs in just as well.

create or replace function auth_private.send_magic_link(
  email text,
  data jsonb,
  code_challenge text,
  code_challenge_method text,
  redirect_to text
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  target constant text := auth_private.redirect_target(send_magic_link.redirect_to);
  address text;
  claimant auth.users;
  known boolean;
begin
  perform auth_private.check_object('data', send_magic_link.data);
  select * into strict settings from auth_private.settings;

  if not settings.external_email_enabled then
    perform auth_private.refuse('signin_email_disabled');
  end if;
  if not settings.external_email_magic_link_enabled then
    perform auth_private.refuse('magic_link_disabled');
  end if;
  if coalesce(send_magic_link.email, '') = '' then
    perform auth_private.refuse('magic_link_without_email');
  end if;
  address := auth_private.validate_email(send_magic_link.email);
  perform auth_private.check_code_challenge(
    send_magic_link.code_challenge, send_magic_link.code_challenge_method);

  claimant := auth_private.find_user(address);
  if claimant.email_confirmed_at is null and settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;
  perform auth_private.cool_down(address, 'recovery');

  known := claimant.id is not null;
  if not known then
    claimant := auth_private.create_user(address, null, '', send_magic_link.data);
    known := claimant.id is null;
  end if;
  -- Another request for this address has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user(address);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    perform auth_private.send_decoy(address);
    return '{}';
  end if;
  if claimant.email_confirmed_at is null and not settings.mailer_autoconfirm then
    perform auth_private.contest_password(claimant.id);
    perform auth_private.ask_to_confirm(claimant, target, send_magic_link.code_challenge,
      send_magic_link.code_challenge_method);
    if not known and auth_private.after_user_created(claimant.id) is not null then
      return auth_private.refused('hook_after_signup_failed');
    end if;
    return '{}';
  end if;

  if claimant.email_confirmed_at is null then
    claimant := auth_private.confirm_email(claimant.id);
    perform auth_private.audit('user_signedup', 'team', claimant, '{"provider": "email"}');
  end if;
  perform auth_private.audit('user_recovery_requested', 'user', claimant);
  perform auth_private.send_mail('magic_link', claimant, target,
    auth_private.open_flow(claimant.id, 'magiclink', send_magic_link.code_challenge,
      send_magic_link.code_challenge_method));
  return '{}';
end
$$;

comment on function auth_private.send_magic_link is
  'Mails a link and a code that sign in; makes the user where there is none. Refuses what the hooks about new users refuse.';
