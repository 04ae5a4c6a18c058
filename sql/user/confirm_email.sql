create or replace function auth_private.confirm_email(user_id uuid)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  confirmed auth.users;
begin
  update auth.users u
  set email_confirmed_at = coalesce(u.email_confirmed_at, now()),
    raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}') || '{"email_verified": true}',
    updated_at = now()
  where u.id = confirm_email.user_id
  returning * into confirmed;

  update auth.identities i
  set identity_data = i.identity_data || '{"email_verified": true}', updated_at = now()
  where i.user_id = confirmed.id and i.email = confirmed.email;

  delete from auth_private.unproven_passwords p where p.user_id = confirmed.id;
  return confirmed;
end
$$;

comment on function auth_private.confirm_email is
  'Marks a user''s e-mail address as proven, in the user and in the identities that have it.';
