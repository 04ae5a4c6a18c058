create or replace function auth_private.rest_key(relation oid)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(a.attname order by a.attnum), '[]')
  from pg_index i
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = rest_key.relation and i.indisprimary
$$;

comment on function auth_private.rest_key is
  'The columns of a table''s primary key; empty where it has none.';

grant execute on function auth_private.rest_key to authenticator;
