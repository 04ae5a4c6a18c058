create or replace function auth_private.rest_order(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(' order by ' || string_agg(
    (auth_private.rest_column(target, term ->> 'column')).expression
      || case when (term -> 'descending')::boolean then ' desc' else '' end
      || case term ->> 'nulls'
        when 'first' then ' nulls first' when 'last' then ' nulls last' else ''
      end, ', ' order by n), '')
  from jsonb_array_elements(query -> 'order') with ordinality as terms (term, n)
$$;

comment on function auth_private.rest_order is
  'The order of an answer as SQL, from terms {"column", "descending", "nulls"}. Refuses: 42703.';

grant execute on function auth_private.rest_order to authenticator;
