-- After a change of identities: the user's address is one that an identity has, a verified one
-- first. With the address go all links and codes that were sent.

create or replace function auth_private.derive_email(user_id uuid)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  owner auth.users;
  chosen record;
  proven boolean;
begin
  select * into strict owner from auth.users u where u.id = derive_email.user_id;
  if exists (
    select from auth.identities i where i.user_id = owner.id and i.email = owner.email
  ) then
    return true;
  end if;

  select i.email, i.identity_data ->> 'email_verified' = 'true' as verified into chosen
  from auth.identities i
  where i.user_id = owner.id and (coalesce(i.email, '') = '' or not exists (
    select from auth.users u
    where u.email = i.email and u.id <> owner.id and not u.is_sso_user
  ))
  order by coalesce(i.email, '') = '', i.identity_data ->> 'email_verified' = 'true' desc,
    i.created_at, i.id
  limit 1;
  if not found then
    return false;
  end if;

  proven := coalesce(chosen.email, '') <> '' and (chosen.verified
    or (select s.mailer_autoconfirm from auth_private.settings s));
  update auth.users u
  set email = nullif(chosen.email, ''), email_change = '', email_change_confirm_status = 0,
    phone_change = '',
    email_confirmed_at = case when proven then u.email_confirmed_at end,
    raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}')
      || case when proven then '{}'::jsonb else '{"email_verified": false}' end,
    updated_at = now()
  where u.id = owner.id;
  perform auth_private.discard_tokens(owner.id);
  return true;
end
$$;

comment on function auth_private.derive_email is
  'Makes the address of an identity the user''s, where the present one is no identity''s; false where others have all of these addresses.';
