create or replace function auth_private.exposed_functions()
returns table (oid oid, name text, definer boolean, pinned boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select p.oid, p.oid::regprocedure::text, p.prosecdef,
    exists (select from unnest(p.proconfig) setting where setting like 'search\_path=%')
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join auth_private.settings s on n.nspname = any (s.db_schemas)
  where p.prokind = 'f'
    -- What only a trigger can call is no door.
    and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and not exists (
      select
      from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
$$;

comment on function auth_private.exposed_functions is
  'Functions of the schemas that the API serves, without those of extensions and of triggers; pinned: whether its search_path is fixed.';
