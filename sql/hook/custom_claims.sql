-- Lets the application decide what an access token says. What it says replaces everything,
-- so the role in the token may be another than the user's; auth_private.admit believes it.

create or replace function auth_private.custom_claims(claims jsonb, user_id uuid, method text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  output jsonb;
  faults text[];
begin
  if auth_private.hook_uri('custom_access_token') is null then
    return claims;
  end if;

  output := auth_private.run_hook('custom_access_token', jsonb_build_object(
    'user_id', custom_claims.user_id,
    'claims', custom_claims.claims,
    'authentication_method', custom_claims.method));
  if output is not null and not output ? 'claims' then
    perform auth_private.refuse('hook_claims_missing');
  end if;
  if jsonb_typeof(output -> 'claims') not in ('object', 'null') then
    perform auth_private.refuse('hook_output_invalid');
  end if;

  faults := auth_private.claim_faults(output -> 'claims');
  if faults <> '{}' then
    perform auth_private.refuse('hook_claims_invalid', array[
      chr(10) || '- ' || array_to_string(faults, chr(10) || '- ') || chr(10)]);
  end if;
  return output -> 'claims';
end
$$;

comment on function auth_private.custom_claims is
  'The claims as the hook custom_access_token wants them, for a sign-in by this method or token_refresh; the same claims without the hook. Refuses what the hook refuses, and unexpected_failure for claims that clients could not read.';
