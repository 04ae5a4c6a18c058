-- Nobody is signed in with an address that is not proven. What the other site has verified is
-- proven by that; for anything else a mail is sent.

create or replace function auth_private.prove_external_email(
  claimant auth.users,
  provider text,
  candidate text,
  candidate_verified boolean,
  verified text[]
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
begin
  select * into strict settings from auth_private.settings;

  if prove_external_email.candidate_verified
    and claimant.email is distinct from prove_external_email.candidate
    and not coalesce(claimant.email = any (prove_external_email.verified), false)
  then
    begin
      update auth.users u set email = prove_external_email.candidate, updated_at = now()
      where u.id = claimant.id;
    exception when unique_violation then
      update auth.users u set email = null, updated_at = now() where u.id = claimant.id;
    end;
    select * into strict claimant from auth.users u where u.id = claimant.id;
  end if;

  if prove_external_email.candidate_verified or settings.mailer_autoconfirm then
    perform auth_private.audit('user_signedup', 'team', claimant,
      jsonb_build_object('provider', prove_external_email.provider));
    if claimant.email is not null then
      perform auth_private.confirm_email(claimant.id);
    end if;
    perform auth_private.discard_tokens(claimant.id);
    return null;
  end if;

  if claimant.email is not null then
    perform auth_private.cool_down(claimant.email, 'signup');
    perform auth_private.audit('user_confirmation_requested', 'user', claimant,
      jsonb_build_object('provider', prove_external_email.provider));
    perform auth_private.send_mail('confirmation', claimant, settings.site_url);
  end if;
  if settings.mailer_allow_unverified_email_sign_ins then
    return null;
  end if;
  if claimant.email is null then
    return auth_private.refused('provider_email_unverified',
      array[prove_external_email.provider, prove_external_email.provider]);
  end if;
  return auth_private.refused('provider_email_mailed',
    array[prove_external_email.provider, prove_external_email.provider]);
end
$$;

comment on function auth_private.prove_external_email is
  'Confirms the address of a user who came by another site, if that has verified it or with autoconfirm; else mails it a link, and returns the refusal provider_email_needs_verification unless the settings let such users in.';
