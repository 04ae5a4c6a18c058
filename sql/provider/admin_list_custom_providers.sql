create or replace function auth.admin_list_custom_providers(type text default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.require_custom_providers();
  if coalesce(admin_list_custom_providers.type, '') not in ('', 'oauth2', 'oidc') then
    perform auth_private.refuse('custom_provider_type_filter');
  end if;
  return jsonb_build_object('providers', (
    select coalesce(
      jsonb_agg(auth_private.custom_provider_json(c) order by c.created_at desc, c.id), '[]')
    from auth.custom_oauth_providers c
    where coalesce(admin_list_custom_providers.type, '') in ('', c.provider_type)
  ));
end
$$;

comment on function auth.admin_list_custom_providers is
  'The providers of one''s own, newest first, of one type (oauth2 or oidc) or all: {"providers": […]}, without their secrets. Refuses: validation_failed, feature_disabled. GET /admin/custom-providers.';

grant execute on function auth.admin_list_custom_providers to service_role;
