create or replace function auth_private.hook_input(name text, payload jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select payload || jsonb_build_object('metadata', jsonb_strip_nulls(jsonb_build_object(
    'uuid', gen_random_uuid(),
    'time', auth_private.rfc3339(clock_timestamp()),
    'name', case hook_input.name
      when 'custom_access_token' then 'customize-access-token'
      when 'password_verification_attempt' then 'password-verification'
      when 'mfa_verification_attempt' then 'mfa-verification'
      else replace(hook_input.name, '_', '-')
    end,
    'ip_address', host(auth_private.client_ip())
  )))
$$;

comment on function auth_private.hook_input is
  'What a hook is given: the payload and the metadata of this one call.';
