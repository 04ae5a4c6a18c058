create or replace function auth_private.rest_items(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(
    case
      when item ->> 'column' is null then 't.*'
      else format('%s%s as %I',
        (auth_private.rest_column(target, item ->> 'column')).expression,
        '::' || auth_private.rest_cast(target ->> 'schema', item ->> 'cast'),
        coalesce(item ->> 'alias', item ->> 'column'))
    end, ', ' order by n)
  from jsonb_array_elements(query -> 'select') with ordinality as selected (item, n)
$$;

comment on function auth_private.rest_items is
  'The columns of an answer as SQL, from items {"column", "cast", "alias"}; a null column means all. Refuses: 42703, 42704, PGRST127.';

grant execute on function auth_private.rest_items to authenticator;
