-- Renews an access token.
--
-- The session's row is locked first, so of many refreshes with one token one moves the
-- counter on, and the others find it one ahead and are given the same new token: a lost
-- answer or a second tab throws nobody out. A token two or more behind has been copied,
-- and its session is ended; that is returned and not raised, since it must last.

create or replace function auth.refresh(refresh_token text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  shown record;
  held auth.sessions;
  owner auth.users;
  behind bigint;
  excuses text[];
begin
  if refresh.refresh_token ~ '^[a-z0-9]{12}$' then
    return auth_private.refresh_legacy(refresh.refresh_token);
  end if;

  shown := auth_private.parse_refresh_token(refresh.refresh_token);
  if shown.session_id is null then
    perform auth_private.refuse('refresh_token_malformed');
  end if;

  held := auth_private.hold_session(shown.session_id);
  -- A key that can't be read gives null: no signature equals that. Anyone has the empty key.
  if held.id is null or shown.signature is distinct from substring(
    auth_private.hmac_sha256(shown.said,
      auth_private.from_base64url(nullif(held.refresh_token_hmac_key, '')))
    for 16)
  then
    perform auth_private.refuse('refresh_token_not_found');
  end if;
  if held.oauth_client_id is not null then
    perform auth_private.refuse('refresh_oauth_client');
  end if;

  select * into strict owner from auth.users u where u.id = held.user_id;
  if owner.banned_until > now() then
    perform auth_private.refuse('refresh_banned');
  end if;
  perform auth_private.check_session(held);

  behind := held.refresh_token_counter - shown.counter;
  if behind < 0 then
    perform auth_private.refuse('refresh_token_foreign');
  end if;

  if behind > 0 then
    select * into strict settings from auth_private.settings;
    excuses := array_remove(array[
      case when clock_timestamp() - held.refreshed_at at time zone 'utc'
        < make_interval(secs => settings.security_refresh_token_reuse_interval)
        then 'concurrent-refresh' end,
      case when behind = 1 then 'fail-to-save' end,
      case when settings.security_refresh_token_allow_reuse then 'always-allow' end
    ], null);
    if excuses = '{}' then
      return auth_private.refresh_reused(held);
    end if;
  end if;

  return auth_private.renew_session(held, owner, array_to_string(excuses, ','));
end
$$;

comment on function auth.refresh is
  'A new access token for a refresh token, and the refresh token to use next. Refuses: refresh_token_not_found, refresh_token_already_used (which ends the session), session_expired, user_banned, validation_failed, conflict. POST /token?grant_type=refresh_token.';

grant execute on function auth.refresh to anon, authenticated, service_role;
