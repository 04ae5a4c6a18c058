create or replace function auth_private.setting_list(value jsonb)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_typeof(setting_list.value) in ('string', 'array', 'null')
    then coalesce(array_agg(btrim(item)) filter (where btrim(item) <> ''), '{}')
  end
  from (
    select unnest(string_to_array(setting_list.value #>> '{}', ',')) as item
    where jsonb_typeof(setting_list.value) = 'string'
    union all
    select jsonb_array_elements_text(setting_list.value)
    where jsonb_typeof(setting_list.value) = 'array'
  ) items
$$;

comment on function auth_private.setting_list is
  'The items of a list setting, given as a JSON array or as text with commas; null for anything else.';
