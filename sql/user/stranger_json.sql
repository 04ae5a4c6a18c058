-- Whoever signs up with an address that has a user must not be shown that user.

create or replace function auth_private.stranger_json(
  known auth.users,
  data jsonb,
  provider text
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  stranger auth.users;
begin
  stranger.id := gen_random_uuid();
  stranger.aud := known.aud;
  stranger.email := case stranger_json.provider when 'email' then known.email end;
  stranger.phone := case stranger_json.provider when 'phone' then known.phone end;
  stranger.raw_app_meta_data := jsonb_build_object('provider', stranger_json.provider,
    'providers', jsonb_build_array(stranger_json.provider));
  stranger.raw_user_meta_data := stranger_json.data;
  stranger.created_at := now();
  stranger.updated_at := now();
  stranger.confirmation_sent_at := now();
  stranger.is_anonymous := false;
  return auth_private.user_json(stranger);
end
$$;

comment on function auth_private.stranger_json is
  'A user made up from the request: with the address of the known one that it is about, email or phone, an id that is nobody''s, and no identities.';
