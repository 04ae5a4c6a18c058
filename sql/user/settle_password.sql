-- Somebody may sign up with an address that is not theirs, set a password and wait until
-- its owner comes. So a password that was set before anything was proven lasts only if
-- what proves it is the mail of that sign-up: an owner who arrives by another way, or a
-- second sign-up that chose another password, leaves none, and it has to be set anew.

create or replace function auth_private.settle_password(user_id uuid, by_signup boolean)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settled auth_private.unproven_passwords;
begin
  delete from auth_private.unproven_passwords p
  where p.user_id = settle_password.user_id
  returning p.* into settled;

  if not found or settle_password.by_signup and not settled.contested then
    return;
  end if;
  update auth.users u set encrypted_password = '' where u.id = settle_password.user_id;
  delete from auth.sessions s where s.user_id = settle_password.user_id;
end
$$;

comment on function auth_private.settle_password is
  'For whoever has just proven to own a user''s address: clears a password that was set at a sign-up which nobody had confirmed, with its sessions. It stays only where the proof is the mail of that sign-up (by_signup) and nobody else has asked for one.';
