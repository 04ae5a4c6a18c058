-- Whether the caller may use it is not asked here: Postgres decides that once the
-- request runs as its role. Partitions are reached through their table.

create or replace function auth_private.rest_relation(schema_name text, table_name text)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  relation oid;
begin
  select c.oid into relation
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = rest_relation.schema_name
    and c.relname = rest_relation.table_name
    and c.relkind in ('r', 'v', 'm', 'f', 'p')
    and not c.relispartition;

  if not found then
    perform auth_private.rest_refuse(404, 'PGRST205',
      format('Could not find the table ''%s.%s'' in the schema cache',
        rest_relation.schema_name, rest_relation.table_name));
  end if;
  return jsonb_build_object(
    'schema', rest_relation.schema_name,
    'name', rest_relation.table_name,
    'sql', format('%I.%I', rest_relation.schema_name, rest_relation.table_name),
    'relation', relation
  );
end
$$;

comment on function auth_private.rest_relation is
  'The table or view of this name, as the target of a request: {"schema", "name", "sql", "relation"}. Refuses: PGRST205.';

grant execute on function auth_private.rest_relation to authenticator;
