-- Read when the worker is about to call, so a new address or secret holds for what has been
-- waiting, too.

create or replace function auth_private.hook_target(channel text, name text)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case hook_target.name
    when 'send_email' then jsonb_build_object(
      'uri', s.hook_send_email_uri, 'secrets', s.hook_send_email_secrets)
    when 'send_sms' then jsonb_build_object(
      'uri', s.hook_send_sms_uri, 'secrets', s.hook_send_sms_secrets)
  end
  from auth_private.settings s
  where hook_target.channel = 'hook'
$$;

comment on function auth_private.hook_target is
  'Where the worker calls the hook send_email or send_sms and what signs the call, for a row of channel hook; else null.';
