-- pgcrypto's HMAC. A body of this form is bound to pgcrypto when the function is made,
-- wherever that extension sits, so no search_path matters later.

create or replace function auth_private.hmac_sha256(data bytea, key bytea)
returns bytea
language sql immutable strict
return hmac(data, key, 'sha256');

comment on function auth_private.hmac_sha256 is
  'HMAC-SHA256 (RFC 2104) of data under key.';
