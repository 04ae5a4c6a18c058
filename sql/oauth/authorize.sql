create or replace function auth.authorize(
  provider text default null,
  email_optional boolean default false,
  redirect_to text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  invite_token text default null,
  code_verifier text default null
)
returns jsonb
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.open_oauth(authorize.provider, authorize.email_optional,
    authorize.redirect_to, authorize.code_challenge, authorize.code_challenge_method,
    authorize.invite_token, authorize.code_verifier, null)
$$;

comment on function auth.authorize is
  'Opens a sign-in with another site: {"state"}, with which the gateway sends the person there. Refuses: user_not_found for an unknown invite_token, validation_failed. GET /authorize.';

grant execute on function auth.authorize to authenticator;
