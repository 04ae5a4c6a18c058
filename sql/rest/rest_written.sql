create or replace function auth_private.rest_written(
  query jsonb,
  target jsonb,
  out names text[],
  out definition text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text;
begin
  select
    array_agg(quote_ident(a.attname) order by a.attnum),
    string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
      order by a.attnum),
    min(wanted.name) filter (where a.attname is null)
  into names, definition, unknown
  from jsonb_array_elements_text(rest_written.query -> 'columns') as wanted (name)
  left join pg_attribute a on a.attrelid = (rest_written.target ->> 'relation')::oid
    and a.attname = wanted.name
    and a.attnum > 0
    and not a.attisdropped;

  if unknown is not null then
    perform auth_private.rest_refuse(400, 'PGRST204',
      format('Could not find the ''%s'' column of ''%s'' in the schema cache', unknown,
        rest_written.target ->> 'name'));
  end if;
end
$$;

comment on function auth_private.rest_written is
  'The columns that a request writes, as SQL: their names, null for none, and the definition of the rows that hold them. Refuses: PGRST204.';

grant execute on function auth_private.rest_written to authenticator;
