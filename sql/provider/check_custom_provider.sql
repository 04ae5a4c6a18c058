-- What an administrator may say of a provider of one's own. It must not take over what is ours to
-- set in a sign-in, nor what a user is here. The addresses are checked by the gateway, which can
-- look where a host is.

create or replace function auth_private.check_custom_provider(provider auth.custom_oauth_providers)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  ours constant text[] := array['client_id', 'client_secret', 'redirect_uri', 'response_type',
    'state', 'code_challenge', 'code_challenge_method', 'code_verifier', 'nonce'];
  protected constant text[] := array['id', 'aud', 'role', 'app_metadata', 'created_at',
    'updated_at', 'confirmed_at', 'email_confirmed_at', 'phone_confirmed_at', 'email_verified',
    'phone_verified', 'banned_until', 'is_super_admin'];
  said record;
begin
  for said in
    select p.key, p.value from jsonb_each(provider.authorization_params) p order by p.key
  loop
    if lower(said.key) = any (ours) then
      perform auth_private.refuse('custom_provider_parameter_reserved', array[said.key]);
    end if;
    if jsonb_typeof(said.value) <> 'string' then
      perform auth_private.refuse(
        'custom_provider_parameter_not_text', array[to_json(said.key)::text]);
    end if;
  end loop;
  for said in
    select m.key from jsonb_object_keys(provider.attribute_mapping) m (key) order by m.key
  loop
    if said.key = any (protected) then
      perform auth_private.refuse('custom_provider_target_protected', array[said.key]);
    end if;
  end loop;
  if exists (
    select from unnest(provider.custom_claims_allowlist) claim
    where coalesce(btrim(claim, E' \t\r\n'), '') = ''
  ) then
    perform auth_private.refuse('custom_provider_claim_empty');
  end if;

  -- The table's own checks would show the secret in the server's log.
  if provider.identifier !~ '^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$' then
    perform auth_private.refuse('custom_provider_identifier');
  end if;
  if char_length(provider.name) > 100 then
    perform auth_private.refuse('custom_provider_too_long', array['name', '100']);
  end if;
  if char_length(provider.client_id) > 512 then
    perform auth_private.refuse('custom_provider_too_long', array['client_id', '512']);
  end if;
end
$$;

comment on function auth_private.check_custom_provider is
  'Passes a provider of one''s own that may be stored. Refuses: validation_failed.';
