-- Turns the description of a request into a statement, before anything runs as the
-- caller: names come from the catalogue and values stay in parameters, so nothing that a
-- client sends is ever SQL text.

create or replace function auth_private.rest_plan(
  query jsonb,
  out schema_name text,
  out profile text,
  out target jsonb,
  out writes boolean,
  out singular boolean,
  out statement text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  action constant text := query ->> 'action';
  schema record;
  changed text;
  origin text := 'source';
  filters text := '';
begin
  select * into strict schema from auth_private.rest_schema(query ->> 'profile');
  schema_name := schema.name;
  profile := case when schema.told then schema.name end;
  target := case action
    when 'call' then auth_private.rest_routine(schema_name, query)
    else auth_private.rest_relation(schema_name, query ->> 'target')
  end;
  singular := query -> 'singular';
  writes := case action
    when 'read' then false
    when 'call' then (target -> 'writes')::boolean and not (query -> 'direct')::boolean
    else true
  end;

  case action
    when 'read' then
      origin := target ->> 'sql';
    when 'call' then
      changed := auth_private.rest_call(query, target);
    when 'insert' then
      -- For nothing else is the key of use.
      target := target || jsonb_build_object(
        'key', auth_private.rest_key((target ->> 'relation')::oid));
      changed := auth_private.rest_insert(query, target);
    when 'update' then
      changed := auth_private.rest_update(query, target);
    when 'delete' then
      changed := format('delete from %s t%s returning %s', target ->> 'sql',
        auth_private.rest_where(query, target), auth_private.rest_returning(query, target));
  end case;
  if action in ('read', 'call') then
    filters := auth_private.rest_where(query, target);
  end if;

  -- page.* is the whole row, also where a column has the name page.
  statement := format(
    'with %spage as (select %s from %s t%s%s limit $3 offset $4) '
      || 'select %s, pg_catalog.count(*), %s, %s from page',
    'source as materialized (' || changed || '), ',
    case when (query -> 'body')::boolean then auth_private.rest_items(query, target)
      when (query -> 'location')::boolean then 't.*' end,
    origin, filters,
    case when (query -> 'body')::boolean then auth_private.rest_order(query, target) end,
    auth_private.rest_body(query, target),
    case
      when not (query -> 'count')::boolean then 'null::bigint'
      when action in ('read', 'call')
        then format('(select pg_catalog.count(*) from %s t%s)', origin, filters)
      else 'pg_catalog.count(*)'
    end,
    case
      when (query -> 'location')::boolean and target -> 'key' <> '[]' then (
        select format('(pg_catalog.json_agg(pg_catalog.json_build_array(%s)) -> 0)::text',
          string_agg(format('pg_catalog.json_build_array(%L, page.%1$I::text)', name), ', '))
        from jsonb_array_elements_text(target -> 'key') as key (name))
      else 'null::text'
    end);
end
$$;

comment on function auth_private.rest_plan is
  'How to answer a request: a statement with the parameters $1 values, $2 body as JSON, $3 limit, $4 offset, which returns the JSON body, the number of rows, their number without limit and offset if it is to be counted, and for a Location the keys of the first row as [[column, value], …]. target says what it is about, writes whether it may write. Refuses: PGRST106, PGRST127, PGRST202, PGRST203, PGRST204, PGRST205, 42703, 42704.';

grant execute on function auth_private.rest_plan to authenticator;
