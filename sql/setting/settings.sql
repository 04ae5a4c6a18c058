-- What clients may know of the settings: GET /settings.

create or replace function auth.settings()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'external', jsonb_build_object(
      'anonymous_users', s.external_anonymous_users_enabled,
      'apple', false, 'azure', false, 'bitbucket', false,
      'discord', false, 'facebook', false, 'snapchat', false, 'figma', false, 'fly', false,
      'github', false, 'gitlab', false, 'google', false, 'keycloak', false, 'kakao', false,
      'linkedin', false, 'linkedin_oidc', false, 'notion', false, 'spotify', false,
      'slack', false, 'slack_oidc', false, 'workos', false, 'twitch', false, 'twitter', false,
      'email', s.external_email_enabled, 'phone', s.external_phone_enabled, 'zoom', false
    ),
    'disable_signup', s.disable_signup,
    'mailer_autoconfirm', s.mailer_autoconfirm,
    'phone_autoconfirm', s.sms_autoconfirm,
    'sms_provider', s.sms_provider,
    'saml_enabled', false,
    'saml_private_key_next_configured', false,
    'passkeys_enabled', false
  )
  from auth_private.settings s
$$;

comment on function auth.settings is
  'The settings that clients may know, in the shape of GET /settings.';

grant execute on function auth.settings to anon, authenticated, service_role;
