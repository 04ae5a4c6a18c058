-- The answer to signing up with an address that has a user: made of the request alone,
-- with an id that is nobody's.

create or replace function auth_private.signup_obfuscated(
  known auth.users,
  data jsonb,
  provider text default 'email'
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.audit('user_repeated_signup', 'user', known,
    jsonb_build_object('provider', signup_obfuscated.provider));
  if signup_obfuscated.provider = 'phone' then
    perform auth_private.send_sms_decoy(known.phone);
  else
    perform auth_private.send_decoy(known.email);
  end if;
  return auth_private.stranger_json(known, signup_obfuscated.data, signup_obfuscated.provider);
end
$$;

comment on function auth_private.signup_obfuscated is
  'A user made up from the request, for an address, email or phone, that has one already. Its identities are empty.';
