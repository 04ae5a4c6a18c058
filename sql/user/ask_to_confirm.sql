create or replace function auth_private.ask_to_confirm(
  newcomer auth.users,
  redirect_to text,
  code_challenge text,
  code_challenge_method text,
  traits jsonb default '{"provider": "email"}'
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.audit('user_confirmation_requested', 'user', newcomer,
    ask_to_confirm.traits);
  perform auth_private.send_mail('confirmation', newcomer, ask_to_confirm.redirect_to,
    auth_private.open_flow(newcomer.id, 'email/signup', ask_to_confirm.code_challenge,
      ask_to_confirm.code_challenge_method));

  select * into strict asked from auth.users u where u.id = newcomer.id;
  return asked;
end
$$;

comment on function auth_private.ask_to_confirm is
  'Mails an unconfirmed user the link that confirms the address; the user as it is then.';
