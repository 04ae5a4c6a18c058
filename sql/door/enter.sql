-- Puts the transaction in the shoes of a request: its settings and its role. An invoker
-- without a search_path of its own, since only such a function may switch roles; so what
-- a name on the path could change is done by others.

create or replace function auth_private.enter(
  claims jsonb,
  request jsonb,
  required text default 'none'
)
returns void
language plpgsql volatile
as $$
declare
  role pg_catalog.text;
begin
  perform auth_private.set_request(claims, request);
  role := auth_private.admit(claims, required);

  -- The login's own rights are for this function and its like, not for a request.
  if role in ('none', session_user) then
    perform auth_private.refuse('role_unknown');
  end if;
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
