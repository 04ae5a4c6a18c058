-- The statement that finds the state also spends it, so of two callbacks with one state exactly
-- one goes on. What it is given in exchange is needed to end the flow, and becomes the code that
-- a PKCE flow ends with.

create or replace function auth_private.spend_state(
  state text,
  out flow auth.flow_state,
  out code text
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  fresh constant text := gen_random_uuid()::text;
begin
  if coalesce(spend_state.state, '') = '' then
    perform auth_private.refuse('oauth_state_missing');
  end if;
  if spend_state.state !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
    perform auth_private.refuse('oauth_state_invalid');
  end if;

  update auth.flow_state f
  set auth_code = auth_private.sha256_hex(fresh), auth_code_issued_at = now(), updated_at = now()
  where f.id = spend_state.state::uuid and f.authentication_method = 'oauth'
    and f.auth_code is null and f.user_id is null
  returning f.* into flow;
  if not found and exists (
    select from auth.flow_state f
    where f.id = spend_state.state::uuid and f.authentication_method = 'oauth'
  ) then
    perform auth_private.refuse('oauth_state_used');
  end if;
  if flow.id is null then
    perform auth_private.refuse('oauth_state_not_found');
  end if;
  if flow.created_at + (
    select s.external_flow_state_expiry_duration from auth_private.settings s) < now()
  then
    perform auth_private.refuse('oauth_state_expired');
  end if;
  if flow.linking_target_id is not null and not exists (
    select from auth.users u where u.id = flow.linking_target_id and u.deleted_at is null
  ) then
    perform auth_private.refuse('linking_target_not_found');
  end if;
  code := fresh;
end
$$;

comment on function auth_private.spend_state is
  'The flow that a state stands for, and the code that ends it, kept as a hash. Refuses: bad_oauth_callback, bad_oauth_state, flow_state_already_used, user_not_found.';
