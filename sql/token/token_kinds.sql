create or replace function auth_private.token_kinds(type text)
returns auth.one_time_token_type[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when type in ('signup', 'invite') then '{confirmation_token}'
    when type in ('recovery', 'magiclink') then '{recovery_token}'
    when type = 'email_change' then '{email_change_token_new,email_change_token_current}'
    when type = 'email' then '{confirmation_token,recovery_token}'
    else '{}'
  end::auth.one_time_token_type[]
$$;

comment on function auth_private.token_kinds is
  'What may have been mailed for a type of verification; empty for an unknown type.';
