-- Cryptographically strong random bytes, bound to pgcrypto like hmac_sha256.

create or replace function auth_private.random_bytes(length integer)
returns bytea
language sql volatile strict
return gen_random_bytes(length);

comment on function auth_private.random_bytes is
  'So many random bytes from the operating system''s generator.';
