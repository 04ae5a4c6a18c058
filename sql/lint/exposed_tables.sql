create or replace function auth_private.exposed_tables()
returns table (oid oid, name text, kind "char", guarded boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid, c.oid::regclass::text, c.relkind, c.relrowsecurity
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join auth_private.settings s on n.nspname = any (s.db_schemas)
  where c.relkind in ('r', 'p', 'f', 'v', 'm')
    and not exists (
      select
      from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
$$;

comment on function auth_private.exposed_tables is
  'Tables and views of the schemas that the API serves, without those of extensions; guarded: whether row-level security is on.';
