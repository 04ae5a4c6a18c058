create or replace function auth_private.sha256_hex(value text)
returns text
language sql immutable strict
return encode(sha256(convert_to(value, 'UTF8')), 'hex');

comment on function auth_private.sha256_hex is
  'SHA-256 of a text, in lower-case hex: how secrets of 128 random bits and more are kept.';
