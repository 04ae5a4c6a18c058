create or replace function auth_private.phone_digits(phone text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
as $$
  select replace(regexp_replace(phone_digits.phone, '^\+', ''), ' ', '')
$$;

comment on function auth_private.phone_digits is
  'A telephone number as it is stored: without its plus sign and spaces. Not checked.';
