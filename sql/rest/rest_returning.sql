create or replace function auth_private.rest_returning(relation oid, items jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(
    case
      when item ->> 'column' is null then 't.*'
      else format('%s as %I', (auth_private.rest_column(relation, item ->> 'column')).expression,
        coalesce(item ->> 'alias', item ->> 'column'))
    end, ', ' order by n)
  from jsonb_array_elements(items) with ordinality as selected (item, n)
$$;

comment on function auth_private.rest_returning is
  'The columns of an answer as SQL, from items {"column", "alias"}; a null column means all. Refuses: 42703.';

grant execute on function auth_private.rest_returning to authenticator;
