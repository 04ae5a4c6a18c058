-- Refuses a request that leaves nothing behind. PostgREST and the gateway read the
-- status from the SQLSTATE; the schema tells our refusals from an application's own.

create or replace function auth_private.refuse(
  name text,
  details text[] default '{}',
  hint text default null
)
returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  refusal record;
begin
  select e.code, e.status, format(e.message, variadic refuse.details) as message
  into strict refusal
  from auth_private.errors() e
  where e.name = refuse.name;

  if refuse.hint is null then
    raise exception using errcode = 'PT' || refusal.status, message = refusal.message,
      detail = refusal.code, schema = 'auth';
  end if;
  raise exception using errcode = 'PT' || refusal.status, message = refusal.message,
    detail = refusal.code, hint = refuse.hint, schema = 'auth';
end
$$;

comment on function auth_private.refuse is
  'Raises the named refusal: SQLSTATE PT<status>, the message, and the error code as detail. Undoes what the statement did.';

-- The gateway raises refusals of its own login, before it has switched roles.
grant execute on function auth_private.refuse to authenticator;
