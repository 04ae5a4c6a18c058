create or replace function auth_private.phone_token_kinds(type text)
returns auth.one_time_token_type[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case type
    when 'sms' then '{confirmation_token}'
    when 'phone_change' then '{phone_change_token}'
    else '{}'
  end::auth.one_time_token_type[]
$$;

comment on function auth_private.phone_token_kinds is
  'What may have been sent to a telephone number for a type of verification; empty for another type.';
