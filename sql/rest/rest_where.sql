create or replace function auth_private.rest_where(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    ' where ' || string_agg(auth_private.rest_filter(target, term), ' ' order by n), '')
  from jsonb_array_elements(query -> 'filters') with ordinality as terms (term, n)
$$;

comment on function auth_private.rest_where is
  'The condition of a request as SQL; empty without one. Refuses: 42703.';

grant execute on function auth_private.rest_where to authenticator;
