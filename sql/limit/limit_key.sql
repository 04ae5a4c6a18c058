-- Whoever has one IPv6 address has the other 2^64 of its network, too.

create or replace function auth_private.limit_key(address inet)
returns text
language sql immutable
return case family(address)
  when 6 then network(set_masklen(address, 64))::text
  when 4 then host(address)
  else ''
end;

comment on function auth_private.limit_key is
  'Who counts as one client: an IPv4 address, or the /64 of an IPv6 one; empty for null.';
