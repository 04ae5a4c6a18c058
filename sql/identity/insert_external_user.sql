-- An address that somebody else has is not taken from them: then the new user has none. If the
-- site has verified it, who has it has just come, and is the one to sign in.

create or replace function auth_private.insert_external_user(
  id uuid,
  provider text,
  subject text,
  candidate text,
  verified text[],
  data jsonb
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  address text := nullif(insert_external_user.candidate, '');
  own_domain constant boolean :=
    auth_private.linking_domain(insert_external_user.provider) <> 'default';
begin
  if not own_domain and exists (
    select from auth.users u where u.email = address and not u.is_sso_user
  ) then
    if address = any (insert_external_user.verified) then
      return null;
    end if;
    address := null;
  end if;
  perform auth_private.before_user_created(insert_external_user.id, address, null,
    insert_external_user.data, insert_external_user.provider);

  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, confirmation_token, recovery_token,
    email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, is_sso_user,
    created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000', insert_external_user.id,
    auth_private.requested_aud(), s.jwt_default_group_name, address, '', '', '', '', '',
    jsonb_build_object('provider', insert_external_user.provider,
      'providers', array[insert_external_user.provider]),
    insert_external_user.data, own_domain, now(), now()
  from auth_private.settings s
  on conflict do nothing
  returning * into newcomer;
  if not found then
    return null;
  end if;

  perform auth_private.insert_identity(newcomer, insert_external_user.provider,
    insert_external_user.subject, insert_external_user.data);
  return newcomer;
end
$$;

comment on function auth_private.insert_external_user is
  'A new user who comes by another site, unconfirmed, with that identity; a null row where the address has just been taken. Refuses what the hook before_user_created refuses.';
