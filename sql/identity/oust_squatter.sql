-- Somebody may sign up with an address that is not theirs and wait for its owner. When the owner
-- comes by another site that has verified the address, all that could let the other in goes:
-- password, number, identities, factors, sessions, and what was mailed.

create or replace function auth_private.oust_squatter(user_id uuid, but uuid, data jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update auth.users u
  set encrypted_password = null, raw_user_meta_data = oust_squatter.data,
    phone = null, phone_confirmed_at = null, phone_change = '', email_change = '',
    email_change_confirm_status = 0, updated_at = now()
  where u.id = oust_squatter.user_id;
  delete from auth.identities i
  where i.user_id = oust_squatter.user_id and i.id <> oust_squatter.but;
  delete from auth.mfa_factors f where f.user_id = oust_squatter.user_id;
  delete from auth.webauthn_credentials w where w.user_id = oust_squatter.user_id;
  delete from auth_private.unproven_passwords p where p.user_id = oust_squatter.user_id;
  perform auth_private.end_all_access(oust_squatter.user_id);
end
$$;

comment on function auth_private.oust_squatter is
  'Takes from a user with an unproven address whatever somebody else may have set, but for one identity, whose data becomes the user_metadata.';
