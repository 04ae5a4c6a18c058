create or replace function auth_private.rest_not_implemented(feature text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.rest_refuse(400, 'PGRST127', 'Feature not implemented',
    rest_not_implemented.feature,
    'PostgREST can do it: set POSTGREST_URL, as docs/postgrest.md describes.');
end
$$;

comment on function auth_private.rest_not_implemented is
  'Refuses what PostgREST can do and this face cannot, by name, with PGRST127.';

grant execute on function auth_private.rest_not_implemented to authenticator;
