create or replace function auth.admin_get_custom_provider(identifier text default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.require_custom_providers();
  return auth_private.custom_provider_json(
    auth_private.custom_provider_named(admin_get_custom_provider.identifier));
end
$$;

comment on function auth.admin_get_custom_provider is
  'A provider of one''s own, without its secret. Refuses: custom_provider_not_found, validation_failed, feature_disabled. GET /admin/custom-providers/{identifier}.';

grant execute on function auth.admin_get_custom_provider to service_role;
