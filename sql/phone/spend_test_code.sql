-- A number of sms_test_otp is for testing: its code is good at any time, as often as wanted,
-- and need not have been asked for.

create or replace function auth_private.spend_test_code(type text, phone text, code text)
returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case spend_test_code.type
    when 'sms' then (auth_private.find_user_by_phone(spend_test_code.phone)).id
    when 'phone_change' then (
      select u.id
      from auth.users u
      where u.phone_change = spend_test_code.phone
        and u.aud = auth_private.requested_aud()
        and not u.is_sso_user
      order by u.phone_change_sent_at desc nulls last
      limit 1
    )
  end
  where spend_test_code.code = auth_private.test_code(spend_test_code.phone)
$$;

comment on function auth_private.spend_test_code is
  'The user that the code of a test number verifies; null for other numbers, other codes and types, and where there is none.';
