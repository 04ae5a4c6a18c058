-- The prefix keeps these names apart from those of the sites that are built in.

create or replace function auth_private.check_custom_identifier(identifier text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(check_custom_identifier.identifier, '') = '' then
    perform auth_private.refuse('custom_provider_without', array['identifier']);
  end if;
  if not starts_with(check_custom_identifier.identifier, 'custom:') then
    perform auth_private.refuse(
      'custom_provider_prefix', array[check_custom_identifier.identifier]);
  end if;
end
$$;

comment on function auth_private.check_custom_identifier is
  'Passes custom:<anything>. Refuses: validation_failed.';
