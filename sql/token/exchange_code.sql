-- The end of a PKCE flow: only the browser that began it has the verifier. The row is
-- deleted by the statement that finds it; a wrong verifier raises, and it stays.

create or replace function auth.exchange_code(
  auth_code text default null,
  code_verifier text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  spent auth.flow_state;
  claimant auth.users;
  begun_at timestamptz;
  challenge text;
begin
  if coalesce(exchange_code.auth_code, '') = '' or coalesce(exchange_code.code_verifier, '') = ''
  then
    perform auth_private.refuse('exchange_incomplete');
  end if;

  delete from auth.flow_state f
  where f.auth_code = auth_private.sha256_hex(exchange_code.auth_code) and f.user_id is not null
  returning f.* into spent;
  if not found then
    perform auth_private.refuse('flow_state_not_found');
  end if;

  -- A magic link may wait in the inbox: its time begins when it is followed.
  begun_at := case spent.authentication_method
    when 'magiclink' then spent.auth_code_issued_at else spent.created_at end;
  if begun_at + (select s.external_flow_state_expiry_duration from auth_private.settings s) < now()
  then
    perform auth_private.refuse('flow_state_expired');
  end if;
  challenge := case spent.code_challenge_method
    when 'plain' then exchange_code.code_verifier
    else auth_private.base64url(sha256(convert_to(exchange_code.code_verifier, 'UTF8'))) end;
  if challenge is distinct from spent.code_challenge then
    perform auth_private.refuse('bad_code_verifier');
  end if;

  select * into claimant from auth.users u where u.id = spent.user_id for no key update;
  if not found then
    perform auth_private.refuse('flow_state_not_found');
  end if;
  if claimant.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  perform auth_private.audit('login', 'account', claimant,
    jsonb_build_object('provider_type', spent.provider_type));
  return auth_private.open_session(claimant.id, spent.authentication_method)
    || jsonb_strip_nulls(jsonb_build_object(
      'provider_token', nullif(spent.provider_access_token, ''),
      'provider_refresh_token', nullif(spent.provider_refresh_token, '')));
end
$$;

comment on function auth.exchange_code is
  'A session for the code that a followed link gave and the verifier that began the flow (RFC 7636); with provider_token and provider_refresh_token where another site gave them. Refuses: flow_state_not_found, flow_state_expired, bad_code_verifier. POST /token?grant_type=pkce.';

grant execute on function auth.exchange_code to anon, authenticated, service_role;
