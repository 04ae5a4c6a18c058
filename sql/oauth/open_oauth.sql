-- Opens a sign-in with another site: what the state in the redirect stands for. The id is random
-- and is all that leaves the database; a code to exchange is made only when the person is back.

create or replace function auth_private.open_oauth(
  provider text,
  email_optional boolean,
  redirect_to text,
  code_challenge text,
  code_challenge_method text,
  invite_token text,
  code_verifier text,
  linking_target uuid
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  state constant uuid := gen_random_uuid();
  ours uuid;
begin
  if open_oauth.invite_token <> '' and not exists (
    select
    from auth.one_time_tokens t
    cross join auth_private.settings s
    where t.token_hash = auth_private.sha256_hex(open_oauth.invite_token)
      and t.token_type = 'confirmation_token'
      and t.created_at at time zone 'utc' + make_interval(secs => s.mailer_otp_exp) >= now()
  ) then
    perform auth_private.refuse('invite_token_unknown');
  end if;
  perform auth_private.check_code_challenge(
    open_oauth.code_challenge, open_oauth.code_challenge_method);

  -- Who never came back left these.
  delete from auth.flow_state f where f.id in (
    select old.id from auth.flow_state old
    where old.created_at < now() - interval '24 hours'
    limit 10 for update skip locked);
  delete from auth.oauth_client_states c where c.id in (
    select old.id from auth.oauth_client_states old
    where old.created_at < now() - interval '24 hours'
    limit 10 for update skip locked);

  if open_oauth.code_verifier <> '' then
    insert into auth.oauth_client_states (id, provider_type, code_verifier, created_at)
    values (gen_random_uuid(), open_oauth.provider, open_oauth.code_verifier, now())
    returning id into ours;
  end if;
  insert into auth.flow_state (
    id, provider_type, authentication_method, email_optional, referrer, invite_token,
    oauth_client_state_id, linking_target_id, code_challenge, code_challenge_method,
    created_at, updated_at
  )
  values (
    state, open_oauth.provider, 'oauth', coalesce(open_oauth.email_optional, false),
    auth_private.redirect_target(open_oauth.redirect_to),
    auth_private.sha256_hex(nullif(open_oauth.invite_token, '')), ours,
    open_oauth.linking_target, nullif(open_oauth.code_challenge, ''),
    lower(nullif(open_oauth.code_challenge_method, ''))::auth.code_challenge_method, now(), now()
  );
  return jsonb_build_object('state', state);
end
$$;

comment on function auth_private.open_oauth is
  'Remembers a sign-in with another site that has begun: {"state"}. code_verifier is our own towards that site, linking_target the user that an identity is to be linked to. Refuses: user_not_found for an unknown invite_token, validation_failed for a bad challenge.';
