-- Whom the gateway believes the request to come from: the peer, or whom a trusted proxy
-- forwards for. What anyone else writes into a header counts for nothing. An IPv4 address
-- that came over an IPv6 socket is the same client as without the disguise.

create or replace function auth_private.client_ip()
returns inet
language sql stable
return regexp_replace(
  host(nullif(current_setting('request.remote_addr', true), '')::inet),
  '^::ffff:(?=[0-9]+[.])', '')::inet;

comment on function auth_private.client_ip is
  'Whom the request comes from; null outside of a request.';
