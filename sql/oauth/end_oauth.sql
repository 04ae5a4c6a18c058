create or replace function auth_private.end_oauth(
  flow auth.flow_state,
  code text,
  profile jsonb,
  provider_token text,
  provider_refresh_token text,
  target text,
  out destination text,
  out refusal jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant record;
  opened jsonb;
begin
  if flow.linking_target_id is not null then
    claimant := auth_private.link_identity(
      flow.linking_target_id, flow.provider_type, end_oauth.profile);
  elsif flow.invite_token <> '' then
    claimant := auth_private.accept_invite(
      flow.invite_token, flow.provider_type, end_oauth.profile);
  else
    claimant := auth_private.sign_in_identity(
      flow.provider_type, end_oauth.profile, flow.email_optional);
  end if;
  refusal := claimant.refusal;
  if refusal is not null then
    return;
  end if;

  if flow.code_challenge is not null then
    update auth.flow_state f
    set user_id = claimant.user_id, provider_access_token = end_oauth.provider_token,
      provider_refresh_token = nullif(end_oauth.provider_refresh_token, ''),
      auth_code_issued_at = now(), updated_at = now()
    where f.id = flow.id;
    destination := auth_private.url_with(
      end_oauth.target, jsonb_build_object('code', end_oauth.code), null);
    return;
  end if;

  opened := auth_private.open_session(claimant.user_id, 'oauth');
  delete from auth.flow_state f where f.id = flow.id;
  -- Encoded once, other than an error, as in GoTrue: a site's token can hold any letter.
  destination := auth_private.url_with(end_oauth.target, null, null) || '#' || (
    select string_agg(said.key || '=' || auth_private.url_encode(said.value), '&'
      order by said.key collate "C")
    from jsonb_each_text(jsonb_strip_nulls(jsonb_build_object(
      'access_token', opened ->> 'access_token',
      'expires_at', opened ->> 'expires_at',
      'expires_in', opened ->> 'expires_in',
      'provider_refresh_token', nullif(end_oauth.provider_refresh_token, ''),
      'provider_token', coalesce(end_oauth.provider_token, ''),
      'refresh_token', opened ->> 'refresh_token',
      'sb', '',
      'token_type', opened ->> 'token_type'))) said
  );
end
$$;

comment on function auth_private.end_oauth is
  'Links, accepts an invitation or signs in, and says where that leads; or a refusal that has to be remembered. Refuses what these refuse.';
