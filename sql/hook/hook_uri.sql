-- A hook that is on and leads nowhere gives an empty text: calling it is refused, since
-- whoever turned it on wanted a decision, and silence would be a yes.

create or replace function auth_private.hook_uri(name text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case hook_uri.name
    when 'before_user_created'
      then case when s.hook_before_user_created_enabled then s.hook_before_user_created_uri end
    when 'after_user_created'
      then case when s.hook_after_user_created_enabled then s.hook_after_user_created_uri end
    when 'custom_access_token'
      then case when s.hook_custom_access_token_enabled then s.hook_custom_access_token_uri end
    when 'send_email'
      then case when s.hook_send_email_enabled then s.hook_send_email_uri end
    when 'send_sms'
      then case when s.hook_send_sms_enabled then s.hook_send_sms_uri end
    when 'password_verification_attempt'
      then case when s.hook_password_verification_attempt_enabled
        then s.hook_password_verification_attempt_uri end
    when 'mfa_verification_attempt'
      then case when s.hook_mfa_verification_attempt_enabled
        then s.hook_mfa_verification_attempt_uri end
  end
  from auth_private.settings s
$$;

comment on function auth_private.hook_uri is
  'What is called for a hook, by the name of its settings; null where the hook is off.';
