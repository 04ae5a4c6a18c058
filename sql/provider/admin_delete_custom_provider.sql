-- Identities of people who came by it stay: they are theirs, and the provider may come again.

create or replace function auth.admin_delete_custom_provider(identifier text default null)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.require_custom_providers();
  perform auth_private.check_custom_identifier(admin_delete_custom_provider.identifier);
  delete from auth.custom_oauth_providers c
  where c.identifier = admin_delete_custom_provider.identifier;
  if not found then
    perform auth_private.refuse('custom_provider_not_found');
  end if;
  perform auth_private.respond(204);
end
$$;

comment on function auth.admin_delete_custom_provider is
  'Deletes a provider of one''s own: nobody can sign in by it any more, who did stays. Refuses: custom_provider_not_found, validation_failed, feature_disabled. DELETE /admin/custom-providers/{identifier}.';

grant execute on function auth.admin_delete_custom_provider to service_role;
