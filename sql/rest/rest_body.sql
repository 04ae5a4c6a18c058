create or replace function auth_private.rest_body(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not (query -> 'body')::boolean or coalesce((target -> 'void')::boolean, false)
    then 'null::text'
    when (query -> 'singular')::boolean or coalesce((target -> 'single')::boolean, false)
    then format('coalesce(pg_catalog.json_agg(%s) -> 0, ''null'')::text', row)
    else format('coalesce(pg_catalog.json_agg(%s), ''[]'')::text', row)
  end
  from (
    select case (target -> 'rows')::boolean when false then 'page.value' else 'page.*' end as row
  ) answered
$$;

comment on function auth_private.rest_body is
  'The body of an answer as SQL: an array of the rows of page, or one object or value, as JSON; null for none.';

grant execute on function auth_private.rest_body to authenticator;
