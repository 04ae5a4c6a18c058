-- What follows from it that another site says who somebody is: the one place where that is
-- decided. Signs in, links, makes a user, or refuses. A user whose address is not verified stays,
-- although the sign-in is refused: the confirmation mail is on its way.

create or replace function auth_private.sign_in_identity(
  provider text,
  profile jsonb,
  email_optional boolean,
  out user_id uuid,
  out created boolean,
  out refusal jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  subject constant text := profile ->> 'subject';
  told record;
  known auth.identities;
  claimant auth.users;
  identity_id uuid;
  new_id uuid;
  proven boolean;
begin
  select * into strict settings from auth_private.settings;
  told := auth_private.profile_emails(profile);
  if coalesce(subject, '') = '' then
    perform auth_private.refuse('profile_without_subject');
  end if;
  if told.candidate = '' and not coalesce(sign_in_identity.email_optional, false) then
    perform auth_private.refuse('profile_without_email');
  end if;

  -- Two callbacks for one account wait for each other.
  perform pg_advisory_xact_lock(hashtextextended(sign_in_identity.provider || ' ' || subject, 0));
  created := false;
  for attempt in 1..3 loop
    user_id := auth_private.find_owner(sign_in_identity.provider, subject, told.verified);
    exit when user_id is not null;

    if settings.disable_signup then
      perform auth_private.refuse('signup_disabled');
    end if;
    new_id := gen_random_uuid();
    claimant := auth_private.insert_external_user(
      new_id, sign_in_identity.provider, subject, told.candidate, told.verified, told.data);
    created := claimant.id is not null;
    user_id := claimant.id;
    exit when created;
    -- Somebody else has just taken the address: decide again.
  end loop;

  select * into claimant
  from auth.users u
  where u.id = sign_in_identity.user_id and u.deleted_at is null
  for no key update;
  if not found then
    perform auth_private.refuse('user_not_found');
  end if;
  if claimant.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  select i.* into known
  from auth.identities i
  where i.provider_id = subject and i.provider = sign_in_identity.provider;
  identity_id := known.id;
  if known.id is null then
    identity_id := auth_private.insert_identity(
      claimant, sign_in_identity.provider, subject, told.data);
    perform auth_private.audit('identity_linked', 'user', claimant,
      jsonb_build_object('provider', sign_in_identity.provider));
  elsif not created then
    update auth.identities i
    set identity_data = told.data, updated_at = now()
    where i.id = identity_id;
  end if;
  if not created then
    update auth.users u
    set raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}') || told.data, updated_at = now()
    where u.id = claimant.id;
  end if;
  claimant := auth_private.refresh_providers(claimant.id);

  if claimant.email_confirmed_at is not null
    or told.candidate = '' and sign_in_identity.email_optional
  then
    perform auth_private.audit('login', 'account', claimant,
      jsonb_build_object('provider', sign_in_identity.provider));
  else
    -- Who has proven a number and comes by an account of their own has nobody to oust.
    if not created and (known.id is null or claimant.phone_confirmed_at is null) then
      perform auth_private.oust_squatter(claimant.id, identity_id, told.data);
      claimant := auth_private.refresh_providers(claimant.id);
    end if;
    refusal := auth_private.prove_external_email(claimant, sign_in_identity.provider,
      told.candidate, told.candidate_verified, told.verified);
  end if;
  if refusal is null and known.id is null and not created then
    perform auth_private.notify('identity_linked_notification', claimant, claimant.email,
      jsonb_build_object('Provider', sign_in_identity.provider));
  end if;
  if created and refusal is null then
    refusal := auth_private.after_user_created(claimant.id);
  end if;
end
$$;

comment on function auth_private.sign_in_identity is
  'The user whom a verified profile of another site signs in, linked or made where needed; or a refusal that has to be remembered: provider_email_needs_verification. Refuses: signup_disabled, user_banned, unexpected_failure, and what the hook before_user_created refuses.';
