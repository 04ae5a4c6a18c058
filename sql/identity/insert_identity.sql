create or replace function auth_private.insert_identity(
  owner auth.users,
  provider text,
  subject text,
  data jsonb
)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  linked uuid;
begin
  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (insert_identity.subject, owner.id, insert_identity.data, insert_identity.provider,
    now(), clock_timestamp(), now())
  returning i.id into linked;
  return linked;
end
$$;

comment on function auth_private.insert_identity is
  'Gives a user one more way to sign in; its id.';
