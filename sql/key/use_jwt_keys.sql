-- Brings the keys of GOTRUE_JWT_KEYS, without what is private in them. A key that is not in the
-- list any more is forgotten, and then its tokens are not believed; one that somebody has
-- revoked stays so, whatever the list says.

create or replace function auth_private.use_jwt_keys(keys jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  faults constant text[] := auth_private.jwt_key_faults(keys);
  signing auth_private.signing_keys;
begin
  if faults <> '{}' then
    perform auth_private.refuse('jwt_keys_invalid', array[array_to_string(faults, chr(10))]);
  end if;

  insert into auth_private.signing_keys (kid, alg, jwk, status)
  select given ->> 'kid', given ->> 'alg', given -> 'jwk', 'standby'
  from jsonb_array_elements(keys) given
  on conflict (kid) where jwk is not null do nothing;

  select k.* into signing
  from auth_private.signing_keys k
  join jsonb_array_elements(keys) given on given ->> 'kid' = k.kid
  where k.jwk is not null and (given ->> 'signs')::boolean;
  if not found then
    signing := auth_private.secret_key();
  end if;
  if signing.id is not null then
    perform auth_private.use_key(signing.id);
  end if;

  delete from auth_private.signing_keys k
  where k.jwk is not null and k.status <> 'revoked'
    and k.kid not in (select given ->> 'kid' from jsonb_array_elements(keys) given);
end
$$;

comment on function auth_private.use_jwt_keys is
  'Makes these the keys of GOTRUE_JWT_KEYS: an array of objects with kid, alg, jwk (RFC 7517; the public part, or kty oct with k) and signs, true for the one that is to be in use. For an empty one the secret is in use again. Refuses: validation_failed, telling all that auth_private.jwt_key_faults finds. For the owner.';
