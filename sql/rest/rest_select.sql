create or replace function auth_private.rest_select(query jsonb, relation oid)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('select %s from %I.%I t', auth_private.rest_returning(c.oid, query -> 'select'),
      n.nspname, c.relname)
    || coalesce((
      select ' where ' || string_agg(auth_private.rest_filter(c.oid, item, i), ' and ' order by i)
      from jsonb_array_elements(query -> 'filters') with ordinality as filters (item, i)
    ), '')
    || coalesce((
      select ' order by ' || string_agg(
        (auth_private.rest_column(c.oid, item ->> 'column')).expression
          || case when (item -> 'descending')::boolean then ' desc' else '' end
          || case item ->> 'nulls'
            when 'first' then ' nulls first' when 'last' then ' nulls last' else ''
          end, ', ' order by i)
      from jsonb_array_elements(query -> 'order') with ordinality as terms (item, i)
    ), '')
    || ' limit $3 offset $4'
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = relation
$$;

comment on function auth_private.rest_select is
  'A read as SQL, with the parameters $1 values of the filters, $3 limit, $4 offset. Refuses: 42703.';

grant execute on function auth_private.rest_select to authenticator;
