-- Without a representation nothing of the row is read back, so inserting needs no right
-- to select.

create or replace function auth_private.rest_insert(query jsonb, relation oid)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target text;
  unknown text;
  columns text;
  definition text;
begin
  select format('%I.%I', n.nspname, c.relname) into strict target
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = rest_insert.relation;

  select
    string_agg(quote_ident(a.attname), ', ' order by a.attnum),
    string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
      order by a.attnum),
    min(wanted.name) filter (where a.attname is null)
  into columns, definition, unknown
  from jsonb_array_elements_text(rest_insert.query -> 'columns') as wanted (name)
  left join pg_attribute a on a.attrelid = rest_insert.relation
    and a.attname = wanted.name
    and a.attnum > 0
    and not a.attisdropped;
  if unknown is not null then
    perform auth_private.rest_refuse(400, 'PGRST204',
      format('Could not find the ''%s'' column of ''%s'' in the schema cache', unknown,
        rest_insert.query ->> 'table'));
  end if;

  return format('insert into %s as t %s returning %s', target,
    case
      when columns is null then 'select from pg_catalog.json_array_elements($2)'
      else format('(%s) select %1$s from pg_catalog.json_to_recordset($2) as rows (%s)',
        columns, definition)
    end,
    case
      when (rest_insert.query -> 'representation')::boolean
      then auth_private.rest_returning(rest_insert.relation, rest_insert.query -> 'select')
      else '1'
    end);
end
$$;

comment on function auth_private.rest_insert is
  'An insert as SQL, with the rows as a JSON array in the parameter $2. Refuses: PGRST204, 42703.';

grant execute on function auth_private.rest_insert to authenticator;
