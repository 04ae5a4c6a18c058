-- GoTrue's older refresh tokens, which come with data from there: spent once, and
-- answered by one of ours. A second use before ours was used counts as a lost answer.

create or replace function auth_private.refresh_legacy(refresh_token text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  shown auth.refresh_tokens;
  held auth.sessions;
  owner auth.users;
begin
  select * into shown from auth.refresh_tokens t where t.token = refresh_legacy.refresh_token;
  if not found then
    perform auth_private.refuse('refresh_token_not_found');
  end if;

  update auth.sessions s
  set refresh_token_hmac_key = coalesce(
      s.refresh_token_hmac_key, auth_private.base64url(auth_private.random_bytes(32))),
    refresh_token_counter = coalesce(s.refresh_token_counter, 0)
  where s.id = shown.session_id
  returning * into held;
  if not found then
    perform auth_private.refuse('refresh_session_not_found');
  end if;

  select * into strict owner from auth.users u where u.id = held.user_id;
  if owner.banned_until > now() then
    perform auth_private.refuse('refresh_banned');
  end if;
  perform auth_private.check_session(held);

  update auth.refresh_tokens t
  set revoked = true, updated_at = now()
  where t.id = shown.id and t.revoked is not true;
  if found then
    return auth_private.renew_session(held, owner);
  end if;

  if held.refresh_token_counter = 1 and shown.id = (
    select max(t.id) from auth.refresh_tokens t where t.session_id = held.id
  ) then
    return auth_private.renew_session(held, owner, 'fail-to-save');
  end if;
  return auth_private.refresh_reused(held);
end
$$;

comment on function auth_private.refresh_legacy is
  'auth.refresh for a token of twelve characters from GoTrue''s refresh_tokens.';
