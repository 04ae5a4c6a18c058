create or replace function auth_private.require_custom_providers()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (select s.custom_oauth_enabled from auth_private.settings s) then
    perform auth_private.refuse('custom_providers_disabled');
  end if;
end
$$;

comment on function auth_private.require_custom_providers is
  'Passes where there may be providers of one''s own. Refuses: feature_disabled.';
