create or replace function auth_private.validate_phone(phone text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  digits constant text := auth_private.phone_digits(validate_phone.phone);
begin
  if digits is null or digits !~ '^[1-9][0-9]{1,14}$' then
    perform auth_private.refuse('phone_invalid');
  end if;
  return digits;
end
$$;

comment on function auth_private.validate_phone is
  'A telephone number (E.164) in digits, without its plus sign and spaces. Refuses: validation_failed.';
