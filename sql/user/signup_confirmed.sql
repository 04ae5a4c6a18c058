create or replace function auth_private.signup_confirmed(newcomer auth.users)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  confirmed auth.users := auth_private.confirm_email(newcomer.id);
begin
  perform auth_private.audit('user_signedup', 'team', confirmed, '{"provider": "email"}');
  perform auth_private.audit('login', 'account', confirmed, '{"provider": "email"}');
  return auth_private.open_session(confirmed.id, 'password');
end
$$;

comment on function auth_private.signup_confirmed is
  'Confirms a new user without a mail, for autoconfirm, and opens a session.';
