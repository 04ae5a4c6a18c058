create or replace function auth_private.set_password(user_id uuid, password text)
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
  perform auth_private.end_all_access(set_password.user_id);
end
$$;

comment on function auth_private.set_password is
  'Sets a user''s password, ends all sessions and voids what was mailed.';
