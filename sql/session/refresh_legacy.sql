-- GoTrue's older refresh tokens, which come with data from there: rows in a table. The
-- first that is used moves its session to tokens of ours and is revoked by that, with all
-- others of the session.
--
-- A revoked one is taken where it can be an answer that got lost: the parent of the one
-- that is good now, which is then given once more, without any limit of time; or the one
-- that was moved, until ours is used. Else it has been copied, as in auth.refresh.

create or replace function auth_private.refresh_legacy(refresh_token text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  shown auth.refresh_tokens;
  active auth.refresh_tokens;
  held auth.sessions;
  owner auth.users;
  excuses text[];
begin
  select * into strict settings from auth_private.settings;
  select * into shown from auth.refresh_tokens t where t.token = refresh_legacy.refresh_token;
  if not found then
    perform auth_private.refuse('refresh_token_not_found');
  end if;

  held := auth_private.hold_session(shown.session_id);
  if held.id is null then
    perform auth_private.refuse('refresh_session_not_found');
  end if;
  if held.oauth_client_id is not null then
    perform auth_private.refuse('refresh_oauth_client');
  end if;
  -- Again: who was faster has changed it while we waited for the session.
  select * into strict shown from auth.refresh_tokens t where t.id = shown.id;
  select * into active
  from auth.refresh_tokens t
  where t.session_id = held.id and t.revoked is not true
  order by t.id desc
  limit 1;

  select * into strict owner from auth.users u where u.id = held.user_id;
  if owner.banned_until > now() then
    perform auth_private.refuse('refresh_banned');
  end if;
  perform auth_private.check_session(held, shown.updated_at);

  if shown.revoked is not true then
    update auth.refresh_tokens t
    set revoked = true, updated_at = now()
    where t.session_id = held.id and t.revoked is not true;
    update auth.sessions s
    set refresh_token_hmac_key = coalesce(
        s.refresh_token_hmac_key, auth_private.base64url(auth_private.random_bytes(32))),
      refresh_token_counter = coalesce(s.refresh_token_counter, 0)
    where s.id = held.id
    returning * into strict held;
    perform auth_private.audit('token_revoked', 'token', owner);
    return auth_private.renew_session(held, owner);
  end if;

  excuses := array_remove(array[
    case when clock_timestamp() - shown.updated_at
      < make_interval(secs => settings.security_refresh_token_reuse_interval)
      then 'concurrent-refresh' end,
    -- What one refresh writes has one time.
    case when active.parent = shown.token or held.refresh_token_counter = 1
      and held.refreshed_at at time zone 'utc' = shown.updated_at
      then 'fail-to-save' end,
    case when settings.security_refresh_token_allow_reuse then 'always-allow' end
  ], null);
  if excuses = '{}' or active.id is null and held.refresh_token_hmac_key is null then
    return auth_private.refresh_reused(held);
  end if;
  return auth_private.renew_session(held, owner, array_to_string(excuses, ','))
    || case when active.id is null then '{}'
      else jsonb_build_object('refresh_token', active.token) end;
end
$$;

comment on function auth_private.refresh_legacy is
  'auth.refresh for a token of twelve characters from GoTrue''s refresh_tokens.';
