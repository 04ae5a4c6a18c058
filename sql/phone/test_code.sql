create or replace function auth_private.test_code(phone text)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select substring(pair from '[0-9]+$')
  from auth_private.settings s, string_to_table(replace(s.sms_test_otp, ' ', ''), ',') pair
  where ltrim(pair, '+') ~ ('^' || test_code.phone || '[:=]')
    and coalesce(s.sms_test_otp_valid_until > now(), true)
  limit 1
$$;

comment on function auth_private.test_code is
  'The code that the settings give to this number, in digits, for testing; null for every other number.';
