create or replace function auth_private.jwt_key_faults(keys jsonb)
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(format('GOTRUE_JWT_KEYS: the key "%s" %s', given.kid, fault.said)
    order by given.place, fault.place), '{}')
  from (
    select g.place, g.key ->> 'kid' as kid, g.key ->> 'alg' as alg, g.key -> 'jwk' as jwk,
      (g.key ->> 'signs')::boolean as signs
    from jsonb_array_elements(keys) with ordinality g (key, place)
  ) given
  left join auth_private.signing_keys k on k.kid = given.kid and k.jwk is not null
  cross join lateral (
    values
      (1, given.jwk ?| array['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'],
        'is private, and the database is given public keys only'),
      (2, k.jwk <> given.jwk or k.alg <> given.alg,
        'is another one in the database: a new key needs a new kid'),
      (3, k.status = 'revoked' and given.signs, 'is revoked, so it can not sign')
  ) fault (place, holds, said)
  where fault.holds
$$;

comment on function auth_private.jwt_key_faults is
  'Why these keys can not be the argument of auth_private.use_jwt_keys: a sentence for each fault, without any key in it.';
