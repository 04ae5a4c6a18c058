-- pgcrypto's crypt, bound like hmac_sha256.

create or replace function auth_private.bcrypt(password text, salt text)
returns text
language sql immutable strict
return crypt(password, salt);

comment on function auth_private.bcrypt is
  'The bcrypt hash of a password under a salt, or under the salt of a whole hash.';
