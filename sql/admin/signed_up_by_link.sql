create or replace function auth_private.signed_up_by_link(
  address text,
  password text,
  data jsonb
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  new_id constant uuid := gen_random_uuid();
  claimant auth.users := auth_private.find_user(address);
begin
  if claimant.email_confirmed_at is not null then
    perform auth_private.refuse('email_exists');
  end if;
  if claimant.id is null then
    if signed_up_by_link.password = '' then
      perform auth_private.refuse('signup_without_password');
    end if;
    perform auth_private.check_password(signed_up_by_link.password);
    perform auth_private.before_user_created(new_id, address, null, signed_up_by_link.data);
    claimant := auth_private.insert_user(new_id, null, null, address, null,
      auth_private.hash_password(signed_up_by_link.password), signed_up_by_link.data);
    if claimant.id is null then
      perform auth_private.refuse('email_exists');
    end if;
    return claimant;
  end if;

  if not auth_private.password_matches(
    signed_up_by_link.password, claimant.encrypted_password)
  then
    perform auth_private.contest_password(claimant.id);
  end if;
  update auth.users u
  set raw_user_meta_data = auth_private.merge_metadata(
    u.raw_user_meta_data, signed_up_by_link.data)
  where u.id = claimant.id
  returning u.* into strict claimant;
  return claimant;
end
$$;

comment on function auth_private.signed_up_by_link is
  'The unconfirmed user with this address, made where there is none: with the password, null for none. Of a present one only the metadata change. Refuses: email_exists, weak_password and validation_failed for an empty one, and what the hook before_user_created refuses.';
