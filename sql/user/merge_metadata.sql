create or replace function auth_private.merge_metadata(present jsonb, changes jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select (coalesce(present, '{}') || coalesce(changes, '{}')) - coalesce((
    select array_agg(gone.key) from jsonb_each(changes) gone where gone.value = 'null'
  ), '{}')
$$;

comment on function auth_private.merge_metadata is
  'Metadata with changes laid over it, one level deep; a null in the changes takes its key away.';
