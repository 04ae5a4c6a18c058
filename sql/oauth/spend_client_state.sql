-- What we kept for the exchange with a site that wants PKCE of us. It is of use once, and not for
-- long: the code that it goes with is neither.

create or replace function auth_private.spend_client_state(
  id uuid,
  provider text,
  out code_verifier text,
  out fault jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  spent auth.oauth_client_states;
begin
  delete from auth.oauth_client_states c
  where c.id = spend_client_state.id
  returning c.* into spent;
  if not found then
    fault := auth_private.refused('client_state_not_found');
  elsif spent.provider_type <> spend_client_state.provider then
    fault := auth_private.refused('client_state_foreign');
  elsif spent.created_at <= now() - interval '5 minutes' then
    fault := auth_private.refused('client_state_expired');
  else
    code_verifier := spent.code_verifier;
  end if;
end
$$;

comment on function auth_private.spend_client_state is
  'Our code verifier for a site, or the refusal that keeps the flow from going on: oauth_client_state_not_found, oauth_invalid_state, oauth_client_state_expired.';
