-- The answer to signing up with an address that has a user: made of the request alone,
-- with an id that is nobody's.

create or replace function auth_private.signup_obfuscated(known auth.users, data jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  stranger auth.users;
begin
  perform auth_private.audit('user_repeated_signup', 'user', known, '{"provider": "email"}');
  perform auth_private.send_decoy(known.email);

  stranger.id := gen_random_uuid();
  stranger.aud := known.aud;
  stranger.email := known.email;
  stranger.raw_app_meta_data := '{"provider": "email", "providers": ["email"]}';
  stranger.raw_user_meta_data := signup_obfuscated.data;
  stranger.created_at := now();
  stranger.updated_at := now();
  stranger.confirmation_sent_at := now();
  stranger.is_anonymous := false;
  return auth_private.user_json(stranger);
end
$$;

comment on function auth_private.signup_obfuscated is
  'A user made up from the request, for an address that has one already. Its identities are empty.';
