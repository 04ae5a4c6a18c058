-- The peer's address as the gateway saw it. Forwarded-for headers are the client's own
-- words and count for nothing here.

create or replace function auth_private.client_ip()
returns inet
language sql stable
return nullif(current_setting('request.remote_addr', true), '')::inet;

comment on function auth_private.client_ip is
  'Whom the request comes from; null outside of a request.';
