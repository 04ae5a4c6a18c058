-- The caller shows who it is here and not at the callback: the state ties the two together.

create or replace function auth.authorize_link(
  provider text default null,
  email_optional boolean default false,
  redirect_to text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  code_verifier text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor constant auth.users := auth_private.current_user_row();
begin
  perform auth_private.require_manual_linking();
  return auth_private.open_oauth(authorize_link.provider, authorize_link.email_optional,
    authorize_link.redirect_to, authorize_link.code_challenge,
    authorize_link.code_challenge_method, null, authorize_link.code_verifier, actor.id);
end
$$;

comment on function auth.authorize_link is
  'Opens the linking of another site''s account to the user of the request: {"state"}. Refuses: manual_linking_disabled, validation_failed. GET /user/identities/authorize.';

grant execute on function auth.authorize_link to authenticator;
