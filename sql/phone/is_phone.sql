create or replace function auth_private.is_phone(address text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select is_phone.address not like '%@%'
$$;

comment on function auth_private.is_phone is
  'Whether an address, of which the form has been checked, is a telephone number and no e-mail address.';
