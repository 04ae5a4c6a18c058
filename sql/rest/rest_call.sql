-- Arguments come as JSON in the body, or directly, as texts in the query of a GET.

create or replace function auth_private.rest_call(query jsonb, target jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  direct constant boolean := query -> 'direct';
  passed text;
  definition text;
  call text;
  arguments text;
begin
  select
    string_agg(case
      when i.name = '' then format('$2::%s', format_type(i.type, null))
      else case when i."variadic" then 'variadic ' else '' end || format('%I => ', i.name) || case
        when not direct then format('args.%I', i.name)
        when i."variadic" then format('array[%s]::%s', texts.list, format_type(i.type, -1))
        else format('%s::%s', texts.last, format_type(i.type, -1))
      end
    end, ', ' order by i.position),
    string_agg(format('%I %s', i.name, format_type(i.type, -1)), ', ' order by i.position)
      filter (where i.name <> '' and not direct)
  into passed, definition
  from auth_private.rest_parameters((target ->> 'routine')::oid) i
  cross join lateral (
    select
      string_agg(format('$1[%s]', n), ', ' order by n) as list,
      format('($1[%s])', max(n)) as last
    from jsonb_array_elements_text(query -> 'columns') with ordinality as given (name, n)
    where given.name = i.name
  ) texts
  where i.name = '' or texts.list is not null;

  call := format('%s(%s)', target ->> 'sql', passed);
  -- PostgREST takes the first of an array of objects.
  arguments := 'pg_catalog.json_to_record(case pg_catalog.json_typeof($2) when ''array'' then '
    || 'pg_catalog.json_array_element($2, 0) else $2 end) as args (' || definition || ')';
  if (target -> 'rows')::boolean then
    return format('select t.* from %s%s as t', arguments || ', lateral ', call);
  end if;
  return format('select %s as value%s', call, ' from ' || arguments);
end
$$;

comment on function auth_private.rest_call is
  'A call as SQL, whose result is rows or has the column value; with the arguments as a JSON object in the parameter $2, or where it is direct in $1, in the order of the columns.';

grant execute on function auth_private.rest_call to authenticator;
