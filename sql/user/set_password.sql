-- Whoever sets a password may be throwing an intruder out, so nothing that signs in or is
-- signed in outlives it, but for the session that asks.

create or replace function auth_private.set_password(
  user_id uuid,
  password text,
  but uuid default null
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update auth.users u
  set encrypted_password = auth_private.hash_password(set_password.password),
    confirmation_sent_at = null, recovery_sent_at = null, email_change_sent_at = null,
    phone_change_sent_at = null, reauthentication_sent_at = null
  where u.id = set_password.user_id;
  delete from auth_private.unproven_passwords p where p.user_id = set_password.user_id;
  perform auth_private.end_all_access(set_password.user_id, set_password.but);
end
$$;

comment on function auth_private.set_password is
  'Sets a user''s password, ends all sessions but the one that is named, and voids what was mailed.';
