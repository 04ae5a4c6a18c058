create or replace function auth_private.check_addresses_free(
  email text,
  phone text,
  owner uuid default null
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select
    from auth.users u
    where u.email = check_addresses_free.email
      and not u.is_sso_user
      and u.id is distinct from check_addresses_free.owner
  ) then
    perform auth_private.refuse('email_exists');
  end if;
  if exists (
    select
    from auth.users u
    where u.phone = check_addresses_free.phone
      and u.id is distinct from check_addresses_free.owner
  ) then
    perform auth_private.refuse('phone_exists');
  end if;
end
$$;

comment on function auth_private.check_addresses_free is
  'Passes an e-mail address and a telephone number that no user has but the owner; null for neither. Refuses: email_exists, phone_exists.';
