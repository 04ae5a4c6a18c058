create or replace function auth_private.rest_insert(query jsonb, target jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  written constant record := auth_private.rest_written(query, target);
begin
  return format('insert into %s as t %s%s returning %s', target ->> 'sql',
    case
      when written.names is null then 'select from pg_catalog.json_array_elements($2)'
      else format('(%s) select %1$s from pg_catalog.json_to_recordset($2) as rows (%s)',
        array_to_string(written.names, ', '), written.definition)
    end,
    auth_private.rest_conflict(query, target, written.names),
    auth_private.rest_returning(query, target));
end
$$;

comment on function auth_private.rest_insert is
  'An insert as SQL, with the rows as a JSON array in the parameter $2. Refuses: PGRST204, 42703.';

grant execute on function auth_private.rest_insert to authenticator;
