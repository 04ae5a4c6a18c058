create or replace function auth_private.rest_update(query jsonb, target jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  written constant record := auth_private.rest_written(query, target);
begin
  -- Nothing to set is no error, and nothing updated.
  if written.names is null then
    return format('select %s from %s t where false',
      auth_private.rest_returning(query, target), target ->> 'sql');
  end if;
  return format(
    'update %s as t set %s from pg_catalog.json_to_recordset($2) as rows (%s)%s returning %s',
    target ->> 'sql',
    (select string_agg(format('%s = rows.%1$s', name), ', ') from unnest(written.names) as name),
    written.definition,
    auth_private.rest_where(query, target),
    auth_private.rest_returning(query, target));
end
$$;

comment on function auth_private.rest_update is
  'An update as SQL, with the new values as a JSON array of one object in the parameter $2. Refuses: PGRST204, 42703.';

grant execute on function auth_private.rest_update to authenticator;
