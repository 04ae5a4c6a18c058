-- For the gateway, which has verified an id_token, and for people in psql, who know themselves
-- whom they seed.

create or replace function auth.signin_external(
  provider text default null,
  profile jsonb default null,
  email_optional boolean default false,
  link_identity boolean default false
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant record;
  actor auth.users;
begin
  if signin_external.link_identity then
    actor := auth_private.current_user_row();
    claimant := auth_private.link_identity(
      actor.id, signin_external.provider, signin_external.profile);
  else
    claimant := auth_private.sign_in_identity(
      signin_external.provider, signin_external.profile, signin_external.email_optional);
  end if;
  return coalesce(claimant.refusal, auth_private.open_session(claimant.user_id, 'oauth'));
end
$$;

comment on function auth.signin_external is
  'Signs in by the word of another site, as auth.signin_external(''google'', {"subject": "…", "emails": [{"email": "…", "verified": true, "primary": true}], "data": {}}): finds, links or makes the user. With link_identity links to the user of the request. What the profile says is believed. Refuses: signup_disabled, user_banned, provider_email_needs_verification, identity_already_exists. POST /token?grant_type=id_token.';

grant execute on function auth.signin_external to authenticator;
