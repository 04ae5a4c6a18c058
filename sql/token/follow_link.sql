create or replace function auth_private.follow_link(type text, token text, target text)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  kinds auth.one_time_token_type[] := auth_private.token_kinds(follow_link.type);
  spent auth.one_time_tokens;
  claimant auth.users;
  pkce constant boolean := follow_link.token like 'pkce\_%';
  effective_type text := follow_link.type;
  message jsonb;
  opened jsonb;
begin
  if kinds = '{}' then
    perform auth_private.refuse('verify_type_unknown');
  end if;
  spent := auth_private.spend_link(follow_link.token, kinds);
  claimant := auth_private.verified(spent.user_id, spent.token_type);
  if claimant.id is null then
    message := jsonb_build_object('message', auth_private.half_confirmed());
    return auth_private.url_with(target, case when pkce then message end, message || '{"sb": ""}');
  end if;
  if effective_type = 'email' then
    effective_type := case spent.token_type
      when 'confirmation_token' then 'signup' else 'magiclink' end;
  end if;

  if pkce then
    return auth_private.url_with(target, jsonb_build_object('code',
      auth_private.issue_flow_code(claimant.id, case effective_type
        when 'signup' then 'email/signup' else effective_type end)), null);
  end if;

  opened := auth_private.open_session(claimant.id, 'otp');
  return auth_private.url_with(target, null, jsonb_build_object(
    'access_token', opened ->> 'access_token',
    'expires_at', opened ->> 'expires_at',
    'expires_in', opened ->> 'expires_in',
    'refresh_token', opened ->> 'refresh_token',
    'sb', '',
    'token_type', opened ->> 'token_type',
    'type', effective_type
  ));
end
$$;

comment on function auth_private.follow_link is
  'Spends the link and says where it leads. Refuses: otp_expired, user_banned, flow_state_not_found, validation_failed.';
