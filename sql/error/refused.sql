-- Refuses a request of which something must be remembered (a wrong guess, a reused
-- token): returned and not raised, since raising would undo the memory.

create or replace function auth_private.refused(name text, details text[] default '{}')
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  refusal record;
begin
  select e.code, e.status, format(e.message, variadic refused.details) as message
  into strict refusal
  from auth_private.errors() e
  where e.name = refused.name;

  perform auth_private.respond(refusal.status);
  return jsonb_build_object(
    'code', refusal.status, 'error_code', refusal.code, 'msg', refusal.message);
end
$$;

comment on function auth_private.refused is
  'The named refusal as a result, with its status set for PostgREST and the gateway. Keeps what the statement did.';
