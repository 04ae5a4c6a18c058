create or replace function auth_private.signup_phone_confirmed(newcomer auth.users, channel text)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  confirmed auth.users := auth_private.confirm_phone(newcomer.id);
begin
  perform auth_private.audit('user_signedup', 'team', confirmed,
    jsonb_build_object('provider', 'phone', 'channel', signup_phone_confirmed.channel));
  return confirmed;
end
$$;

comment on function auth_private.signup_phone_confirmed is
  'Confirms a new user''s number without an SMS, for sms_autoconfirm; the user as it is then.';
