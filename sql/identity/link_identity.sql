-- A signed-in user has asked for this, so addresses do not matter here; but only a verified one
-- becomes the user's own at once.

create or replace function auth_private.link_identity(
  target uuid,
  provider text,
  profile jsonb,
  out user_id uuid,
  out refusal jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  told record;
  owner auth.users;
  had_email boolean;
begin
  select * into owner
  from auth.users u
  where u.id = link_identity.target and u.deleted_at is null
  for no key update;
  if not found then
    perform auth_private.refuse('linking_target_not_found');
  end if;
  if owner.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;
  if coalesce(profile ->> 'subject', '') = '' then
    perform auth_private.refuse('profile_without_subject');
  end if;
  told := auth_private.profile_emails(profile);
  had_email := coalesce(owner.email, '') <> '';

  perform pg_advisory_xact_lock(
    hashtextextended(link_identity.provider || ' ' || (profile ->> 'subject'), 0));
  perform auth_private.refuse_linked(link_identity.provider, profile ->> 'subject', owner.id);
  perform auth_private.insert_identity(
    owner, link_identity.provider, profile ->> 'subject', told.data);
  perform auth_private.audit('identity_linked', 'user', owner,
    jsonb_build_object('provider', link_identity.provider));
  if not had_email and told.candidate <> '' then
    if not auth_private.derive_email(owner.id) then
      perform auth_private.refuse('linked_email_exists');
    end if;
  end if;
  owner := auth_private.refresh_providers(owner.id);
  user_id := owner.id;

  if not had_email and owner.email is not null then
    if not told.candidate_verified and not (
      select s.mailer_autoconfirm from auth_private.settings s)
    then
      perform auth_private.cool_down(owner.email, 'signup');
      perform auth_private.send_mail('confirmation', owner,
        (select s.site_url from auth_private.settings s));
      refusal := auth_private.refused('linked_email_mailed',
        array[link_identity.provider, link_identity.provider]);
      return;
    end if;
    update auth.users u set is_anonymous = false where u.id = owner.id;
    owner := auth_private.confirm_email(owner.id);
  end if;
  perform auth_private.notify('identity_linked_notification', owner, owner.email,
    jsonb_build_object('Provider', link_identity.provider));
end
$$;

comment on function auth_private.link_identity is
  'Links an account at another site to the user; one without an address gets that of the account, which makes an anonymous user permanent. Or a refusal that has to be remembered: email_not_confirmed. Refuses: identity_already_exists, email_exists, user_banned.';
