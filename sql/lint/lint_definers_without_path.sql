create or replace function auth_private.lint_definers_without_path()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'error', f.name,
    'It runs as its owner on the caller''s search_path, where a caller can put things of her own.',
    format('alter function %s set search_path = pg_catalog, public, pg_temp;', f.name)
  from auth_private.exposed_functions() f
  where f.definer and not f.pinned
$$;

comment on function auth_private.lint_definers_without_path is
  'Finds SECURITY DEFINER functions whose search_path the caller chooses.';
