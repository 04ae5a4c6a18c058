create or replace function auth_private.accept_invite(
  token_hash text,
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
  guest auth.users;
  identity_id uuid;
begin
  told := auth_private.profile_emails(profile);
  select u.* into guest
  from auth.one_time_tokens t
  join auth.users u on u.id = t.user_id
  where t.token_hash = accept_invite.token_hash and t.token_type = 'confirmation_token'
  for no key update of u;
  if not found then
    perform auth_private.refuse('invite_not_found');
  end if;
  if guest.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;
  -- Only an address that the site has verified proves to be the guest.
  if not coalesce(guest.email = any (told.verified), false) then
    perform auth_private.refuse('invite_email_mismatch');
  end if;

  perform pg_advisory_xact_lock(
    hashtextextended(accept_invite.provider || ' ' || (profile ->> 'subject'), 0));
  perform auth_private.refuse_linked(accept_invite.provider, profile ->> 'subject', guest.id);
  identity_id := auth_private.insert_identity(
    guest, accept_invite.provider, profile ->> 'subject', told.data);
  perform auth_private.audit('invite_accepted', 'account', guest,
    jsonb_build_object('provider', accept_invite.provider));
  if guest.email_confirmed_at is null then
    perform auth_private.oust_squatter(guest.id, identity_id,
      coalesce(guest.raw_user_meta_data, '{}') || told.data);
  end if;
  perform auth_private.confirm_email(guest.id);
  perform auth_private.discard_tokens(guest.id);
  guest := auth_private.refresh_providers(guest.id);
  user_id := guest.id;
end
$$;

comment on function auth_private.accept_invite is
  'The invited user, with the account at another site as identity. Refuses: invite_not_found, user_banned, identity_already_exists, validation_failed where the site has not verified the invited address.';
