create or replace function auth_private.ask_to_confirm_phone(newcomer auth.users, channel text)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.audit('user_confirmation_requested', 'user', newcomer,
    '{"provider": "phone"}');
  perform auth_private.send_sms(newcomer, newcomer.phone, 'confirmation_token',
    ask_to_confirm_phone.channel);

  select * into strict asked from auth.users u where u.id = newcomer.id;
  return asked;
end
$$;

comment on function auth_private.ask_to_confirm_phone is
  'Sends an unconfirmed user the code that confirms the number; the user as it is then.';
