create or replace function auth_private.rest_result(routine oid)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive base as (
    select t.oid, t.typtype, t.typbasetype, t.typrelid
    from pg_proc p
    join pg_type t on t.oid = p.prorettype
    where p.oid = rest_result.routine
    union all
    select t.oid, t.typtype, t.typbasetype, t.typrelid
    from base
    join pg_type t on t.oid = base.typbasetype
  )
  select jsonb_build_object(
    'routine', p.oid,
    'relation', case when named.columns then 0 else base.typrelid end,
    'rows', named.columns or base.typtype = 'c',
    'single', not p.proretset,
    'void', base.oid = 'void'::regtype,
    'writes', p.provolatile = 'v')
  from base
  join pg_proc p on p.oid = rest_result.routine
  cross join lateral (
    select coalesce(p.proargmodes && '{o,b,t}', false) as columns
  ) named
  where base.typtype <> 'd'
$$;

comment on function auth_private.rest_result is
  'What a function returns: {"routine", "relation", "rows", "single", "void", "writes"}. rows tells whether it has columns, relation whose they are in pg_class, 0 for none; writes whether it is volatile.';

grant execute on function auth_private.rest_result to authenticator;
