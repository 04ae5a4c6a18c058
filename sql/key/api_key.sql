-- The keys that Supabase clients call apikey. They follow from the signing key alone,
-- so asking again gives the same ones, and none has to be stored.

create or replace function auth.api_key(role text)
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  issued_at timestamptz;
begin
  if api_key.role is null or api_key.role not in ('anon', 'service_role') then
    perform auth_private.refuse('api_key_role_unknown', array[api_key.role]);
  end if;

  select k.created_at into strict issued_at
  from auth_private.signing_keys k
  where k.status = 'in_use';

  return auth_private.sign_jwt(jsonb_build_object(
    'iss', 'pgtrue',
    'role', api_key.role,
    'iat', extract(epoch from issued_at)::bigint,
    'exp', extract(epoch from issued_at + interval '10 years')::bigint
  ));
end
$$;

comment on function auth.api_key is
  'The API key of anon or service_role: a JWT that is good for ten years from the making of the signing key. For the owner.';
