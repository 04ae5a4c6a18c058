create or replace function auth.unlink_identity(identity_id uuid default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
  gone auth.identities;
begin
  perform auth_private.require_manual_linking();
  if actor.aud is distinct from auth_private.requested_aud() then
    perform auth_private.refuse('unexpected_audience');
  end if;
  -- Two of these at once must not leave a user with none.
  select * into strict actor from auth.users u where u.id = actor.id for no key update;
  if (select count(*) from auth.identities i where i.user_id = actor.id) < 2 then
    perform auth_private.refuse('single_identity');
  end if;

  delete from auth.identities i
  where i.id = unlink_identity.identity_id and i.user_id = actor.id
  returning i.* into gone;
  if not found then
    perform auth_private.refuse('identity_not_found');
  end if;
  perform auth_private.audit('identity_unlinked', 'user', actor, jsonb_build_object(
    'identity_id', gone.id, 'provider', gone.provider, 'provider_id', gone.provider_id));

  if gone.provider = 'phone' then
    update auth.users u set phone = null, phone_confirmed_at = null, updated_at = now()
    where u.id = actor.id;
  elsif not auth_private.derive_email(actor.id) then
    perform auth_private.refuse('email_conflict');
  end if;
  perform auth_private.refresh_providers(actor.id);
  perform auth_private.notify('identity_unlinked_notification', actor, actor.email,
    jsonb_build_object('Provider', gone.provider));
  return '{}';
end
$$;

comment on function auth.unlink_identity is
  'Takes one of several ways to sign in from the user of the request. Returns {}. Refuses: manual_linking_disabled, single_identity_not_deletable, identity_not_found, email_conflict_identity_not_deletable. DELETE /user/identities/{identity_id}.';

grant execute on function auth.unlink_identity to authenticated, service_role;
