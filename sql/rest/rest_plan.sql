-- Turns the description of a request into a statement, before anything runs as the
-- caller: names come from the catalogue and values stay in parameters, so nothing that a
-- client sends is ever SQL text.

create or replace function auth_private.rest_plan(
  query jsonb,
  out schema_name text,
  out profile text,
  out statement text,
  out operands text[],
  out first bigint,
  out skipped bigint,
  out singular boolean,
  out writes boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  schema record;
  relation oid;
begin
  select * into strict schema from auth_private.rest_schema(query ->> 'profile');
  relation := auth_private.rest_relation(schema.name, query ->> 'table');

  schema_name := schema.name;
  profile := case when schema.told then schema.name end;
  operands := array(
    select item ->> 'value'
    from jsonb_array_elements(query -> 'filters') with ordinality as filters (item, n)
    order by n
  );
  first := query ->> 'limit';
  skipped := query ->> 'offset';
  singular := query -> 'singular';
  writes := query ->> 'action' = 'insert';

  -- source.* is the whole row, also where a column has the name source.
  statement := format('with source as (%s) select %s, pg_catalog.count(*) from source',
    case
      when writes then auth_private.rest_insert(query, relation)
      else auth_private.rest_select(query, relation)
    end,
    case
      when not (query -> 'representation')::boolean then 'null::pg_catalog.text'
      when singular then '(pg_catalog.json_agg(source.*) -> 0)::pg_catalog.text'
      else 'coalesce(pg_catalog.json_agg(source.*), ''[]'')::pg_catalog.text'
    end);
end
$$;

comment on function auth_private.rest_plan is
  'How to answer a request to a table: a statement with the parameters $1 operands, $2 rows as JSON, $3 first (limit), $4 skipped (offset), which returns the JSON body and the number of rows. Refuses: PGRST106, PGRST204, PGRST205, 42703.';

grant execute on function auth_private.rest_plan to authenticator;
