-- Without PostgREST's guess at what was meant: it would name functions that the caller may
-- know nothing of.

create or replace function auth_private.rest_no_routine(
  schema_name text,
  query jsonb,
  given text[]
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  routine constant text := format('%s.%s', schema_name, query ->> 'target');
  list constant text := array_to_string(given, ', ');
begin
  perform auth_private.rest_refuse(404, 'PGRST202',
    format('Could not find the function %s%s in the schema cache', routine,
      case when given = '{}' then ' without parameters' else format('(%s)', list) end),
    format('Searched for the function %s%s%s, but no matches were found in the schema cache.',
      routine,
      case cardinality(given)
        when 0 then ' without parameters'
        when 1 then ' with parameter ' || list
        else ' with parameters ' || list
      end,
      case when (query -> 'direct')::boolean then ''
        else ' or with a single unnamed json/jsonb parameter'
      end));
end
$$;

comment on function auth_private.rest_no_routine is
  'Refuses a call that matches no function, with PGRST202.';

grant execute on function auth_private.rest_no_routine to authenticator;
