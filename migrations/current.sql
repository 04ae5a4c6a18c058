-- The next migration: npm run migrate -- commit "what it does"

set local role auth_owner;

-- Sites of one's own, by the administrator's API.
drop function auth_private.call_as_gateway;

-- Keys of GOTRUE_JWT_KEYS: of asymmetric ones the public part. What is in a private JWK is
-- refused by the table too, in case somebody writes it by hand.
alter table auth_private.signing_keys
  alter column secret drop not null,
  add column jwk jsonb,
  drop constraint signing_keys_alg_check,
  add constraint signing_keys_alg_check
    check (alg in ('HS256', 'RS256', 'RS512', 'ES256', 'ES512', 'EdDSA')),
  add constraint signing_keys_secret_or_jwk_check check ((secret is null) <> (jwk is null)),
  add constraint signing_keys_jwk_named_check check (jwk is null or kid is not null),
  add constraint signing_keys_asymmetric_check check (alg = 'HS256' or jwk is not null),
  add constraint signing_keys_jwk_public_check
    check (not jwk ?| array['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth']);

create unique index signing_keys_kid_idx on auth_private.signing_keys (kid)
  where jwk is not null;

comment on table auth_private.signing_keys is 'Keys of access tokens. One is in use; standby and previous ones verify too.';
comment on column auth_private.signing_keys.secret is 'GOTRUE_JWT_SECRET, whose UTF-8 bytes are the key, at least 32 of them; null for a key of GOTRUE_JWT_KEYS.';
comment on column auth_private.signing_keys.jwk is 'A key of GOTRUE_JWT_KEYS (RFC 7517): the public part of an asymmetric one, or kty oct with its k; null for a secret.';
comment on column auth_private.signing_keys.status is 'in_use signs; standby has not signed yet, and previous does not sign any more: both verify; revoked does neither.';

alter table auth_private.settings
  add column jwt_valid_methods text[] not null default '{}',
  add constraint jwt_valid_methods_check check (
    jwt_valid_methods <@ array['HS256', 'RS256', 'RS512', 'ES256', 'ES512', 'EdDSA']);

comment on column auth_private.settings.jwt_valid_methods is 'Algorithms of the tokens that are believed, of HS256, RS256, RS512, ES256, ES512 and EdDSA: that of the key in use among them. Empty for those of all keys.';

drop function auth_private.use_jwt_secret(text);

drop function auth_private.insert_external_user(uuid, text, text, text, jsonb);

reset role;

--! include index.sql
