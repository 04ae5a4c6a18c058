create or replace function auth_private.from_base64url(data text)
returns bytea
language sql immutable strict
return case
  when data ~ '^[A-Za-z0-9_-]*$' and length(data) % 4 <> 1
  then decode(translate(data, '-_', '+/') || repeat('=', (4 - length(data) % 4) % 4), 'base64')
end;

comment on function auth_private.from_base64url is
  'The bytes behind base64url without padding (RFC 4648, section 5); null where the text is not that.';
