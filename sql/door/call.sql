-- The dispatcher: one request, one statement. It switches to the caller's role before
-- it calls, so what may be called is what GRANT EXECUTE says, here as in psql and under
-- PostgREST.

create or replace function auth_private.call(
  routine text,
  args jsonb,
  claims jsonb,
  request jsonb,
  required text default 'none',
  params text default 'Params'
)
returns table (status integer, headers text, body text)
language plpgsql volatile
as $$
declare
  statement pg_catalog.text;
  result pg_catalog.text;
begin
  -- Who is no admin is told so, whatever else is wrong with the request.
  if required operator(pg_catalog.=) 'admin'::pg_catalog.text then
    perform auth_private.admit(claims, required);
  end if;
  statement := auth_private.statement(routine, args, params);
  perform auth_private.enter(claims, request, required);
  execute statement into result using args;

  return query select
    coalesce(nullif(pg_catalog.current_setting('response.status', true), ''), '200')::integer,
    pg_catalog.current_setting('response.headers', true),
    nullif(result, '');
end
$$;

comment on function auth_private.call is
  'Calls auth.<routine> for a request: args is its body, claims are those of its verified token, required says whether only a user or an admin will do. Returns status, headers as PostgREST writes them, and the JSON body; a null body where there is none. For the gateway.';

grant execute on function auth_private.call to authenticator;
