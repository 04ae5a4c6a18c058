-- The keys that Supabase clients call apikey. They follow from the secret alone, so asking
-- again gives the same ones, and none has to be stored. An asymmetric key in use changes
-- nothing for them: they are signed here, by the secret, which goes on verifying.

create or replace function auth.api_key(role text)
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  k auth_private.signing_keys;
begin
  if api_key.role is null or api_key.role not in ('anon', 'service_role') then
    perform auth_private.refuse('api_key_role_unknown', array[api_key.role]);
  end if;

  k := auth_private.secret_key();
  if k.id is null then
    perform auth_private.refuse('api_key_secret_revoked');
  end if;
  return auth_private.hmac_jwt(jsonb_build_object(
    'iss', 'pgtrue',
    'role', api_key.role,
    'iat', extract(epoch from k.created_at)::bigint,
    'exp', extract(epoch from k.created_at + interval '10 years')::bigint
  ), k);
end
$$;

comment on function auth.api_key is
  'The API key of anon or service_role: a JWT that is good for ten years from the making of the secret that signs it. For the owner.';
