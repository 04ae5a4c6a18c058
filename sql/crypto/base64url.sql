create or replace function auth_private.base64url(data bytea)
returns text
language sql immutable strict
return translate(encode(data, 'base64'), E'+/=\n', '-_');

comment on function auth_private.base64url is
  'base64url without padding (RFC 4648, section 5).';
