create or replace function auth_private.merge_metadata(present jsonb, changes jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(merged.key, merged.value)
    filter (where merged.value <> 'null'), '{}')
  from jsonb_each(coalesce(present, '{}') || coalesce(changes, '{}')) merged
$$;

comment on function auth_private.merge_metadata is
  'Metadata with changes laid over it, one level deep; a null in the changes takes its key away.';
