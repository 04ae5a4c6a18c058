-- Puts the transaction in the shoes of a request: its settings and its role. An invoker
-- without a search_path of its own, since only such a function may switch roles; so what
-- a name on the path could change is done by others.

create or replace function auth_private.enter(role text, claims jsonb, request jsonb)
returns void
language plpgsql volatile
as $$
begin
  perform auth_private.set_request(claims, request);

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
  'Sets role, claims and request settings for the rest of the transaction. role is what auth_private.admit has returned for these claims. Refuses: bad_jwt for a role that the gateway may not switch to.';

grant execute on function auth_private.enter to authenticator;
