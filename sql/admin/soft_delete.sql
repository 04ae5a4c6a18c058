-- Leaves of a user nothing but the id, which rows of the application may refer to.

create or replace function auth_private.soft_delete(user_id uuid)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update auth.users u
  set email = auth_private.obscured(u.id, u.email),
    phone = left(auth_private.obscured(u.id, u.phone), 15),
    email_change = auth_private.obscured(u.id, u.email_change),
    phone_change = left(auth_private.obscured(u.id, u.phone_change), 15),
    encrypted_password = null,
    confirmation_token = '', recovery_token = '', reauthentication_token = '',
    email_change_token_current = '', email_change_token_new = '', phone_change_token = '',
    raw_app_meta_data = '{}', raw_user_meta_data = '{}',
    deleted_at = now(), updated_at = now()
  where u.id = soft_delete.user_id and u.deleted_at is null;
  if not found then
    return;
  end if;

  update auth.identities i
  set provider_id = auth_private.obscured(i.user_id, i.provider || ':' || i.provider_id),
    identity_data = '{}',
    updated_at = now()
  where i.user_id = soft_delete.user_id;

  perform auth_private.end_all_access(soft_delete.user_id);
  delete from auth.mfa_factors f where f.user_id = soft_delete.user_id;
  delete from auth.webauthn_credentials w where w.user_id = soft_delete.user_id;
  delete from auth_private.outbox o where o.user_id = soft_delete.user_id;
end
$$;

comment on function auth_private.soft_delete is
  'Empties a user''s row and marks it deleted; what signs in and what is signed in goes. Nothing for a row that is deleted already.';
