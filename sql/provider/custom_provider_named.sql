create or replace function auth_private.custom_provider_named(identifier text)
returns auth.custom_oauth_providers
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known auth.custom_oauth_providers;
begin
  perform auth_private.check_custom_identifier(custom_provider_named.identifier);
  select * into known
  from auth.custom_oauth_providers c
  where c.identifier = custom_provider_named.identifier;
  if not found then
    perform auth_private.refuse('custom_provider_not_found');
  end if;
  return known;
end
$$;

comment on function auth_private.custom_provider_named is
  'The provider of one''s own with this identifier. Refuses: validation_failed without the prefix, custom_provider_not_found.';
