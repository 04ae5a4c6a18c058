-- Calls that only the gateway may make, since they trust it: that another site has said who
-- somebody is. It stays the gateway's own login, so what may be called is here, too, what
-- GRANT EXECUTE says.

create or replace function auth_private.call_as_gateway(
  routine text,
  args jsonb,
  claims jsonb,
  request jsonb,
  required text default 'none',
  params text default 'Params'
)
returns table (status integer, headers text, body text, raised jsonb)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  result text;
begin
  perform auth_private.set_request(claims, request);
  if required <> 'none' then
    perform auth_private.admit(claims, required);
  end if;
  execute auth_private.statement(routine, args, params) into result using args;

  return query select
    coalesce(nullif(current_setting('response.status', true), ''), '200')::integer,
    current_setting('response.headers', true), nullif(result, ''), null::jsonb;
end
$$;

comment on function auth_private.call_as_gateway is
  'Calls auth.<routine> for a request, as the gateway itself: for functions that are granted to it alone. Arguments and result are those of auth_private.call. For the gateway.';

grant execute on function auth_private.call_as_gateway to authenticator;
