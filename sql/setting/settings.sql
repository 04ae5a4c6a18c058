-- What clients may know of the settings: GET /settings.

create or replace function auth.settings()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    -- Of the sites to sign in with those that GoTrue names.
    'external', (
      select jsonb_object_agg(p.name, p.enabled)
      from auth_private.providers p
      where p.name not in ('x', 'vercel_marketplace')
    ) || jsonb_build_object(
      'anonymous_users', s.external_anonymous_users_enabled,
      'email', s.external_email_enabled, 'phone', s.external_phone_enabled
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
