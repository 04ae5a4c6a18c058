-- Puts the transaction in the shoes of a request: its claims and headers under
-- PostgREST's names, and its role. An invoker, since a definer can't switch roles.

create or replace function auth_private.enter(
  claims jsonb,
  request jsonb,
  required text default 'none'
)
returns void
language plpgsql volatile
as $$
declare
  role text;
begin
  perform
    pg_catalog.set_config('request.jwt.claims', claims::text, true),
    pg_catalog.set_config('request.jwt.claim.sub', coalesce(claims ->> 'sub', ''), true),
    pg_catalog.set_config('request.headers', coalesce(request ->> 'headers', '{}'), true),
    pg_catalog.set_config('request.method', coalesce(request ->> 'method', ''), true),
    pg_catalog.set_config('request.path', coalesce(request ->> 'path', ''), true),
    pg_catalog.set_config('request.remote_addr', coalesce(request ->> 'remote_addr', ''), true);

  role := auth_private.admit(claims, required);
  begin
    perform pg_catalog.set_config('role', role, true);
  exception when insufficient_privilege or invalid_parameter_value or undefined_object then
    perform auth_private.refuse('role_unknown');
  end;
end
$$;

comment on function auth_private.enter is
  'Sets role, claims and request settings for the rest of the transaction. Refuses what auth_private.admit refuses, and bad_jwt for a role that the gateway may not switch to.';

grant execute on function auth_private.enter to authenticator;
grant execute on function auth_private.refuse to authenticator;
