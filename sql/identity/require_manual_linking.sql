create or replace function auth_private.require_manual_linking()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (select s.security_manual_linking_enabled from auth_private.settings s) then
    perform auth_private.refuse('manual_linking_disabled');
  end if;
end
$$;

comment on function auth_private.require_manual_linking is
  'Passes where users may link identities themselves. Refuses: manual_linking_disabled.';
