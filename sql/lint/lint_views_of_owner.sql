-- A view reads as its owner, past the policies of what it reads, unless it is told not to.
-- Before Postgres 15 it can't be told.

create or replace function auth_private.lint_views_of_owner()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive reads (view, oid) as (
    select v.oid, v.oid
    from auth_private.exposed_tables() v
    where v.kind in ('v', 'm')
    union
    select reads.view, d.refobjid
    from reads
    join pg_rewrite w on w.ev_class = reads.oid
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
      and d.refclassid = 'pg_class'::regclass and d.refobjid <> reads.oid
  )
  select 'error', v.name,
    format('It shows the rows of %s as its owner sees them, past row-level security.',
      string_agg(distinct c.oid::regclass::text, ', ')),
    case when v.kind = 'v' and current_setting('server_version_num')::integer >= 150000
      then format('alter view %s set (security_invoker = true);', v.name)
      else format('revoke all on %s from anon, authenticated;', v.name) end
  from auth_private.exposed_tables() v
  join reads on reads.view = v.oid
  join pg_class c on c.oid = reads.oid and c.relrowsecurity
  join pg_class own on own.oid = v.oid
  where not coalesce('security_invoker=true' = any (own.reloptions)
      or 'security_invoker=on' = any (own.reloptions), false)
    and exists (
      select
      from (values ('anon'), ('authenticated')) r (name)
      where has_table_privilege(r.name, v.oid, 'select, insert, update, delete')
    )
  group by v.name, v.kind
$$;

comment on function auth_private.lint_views_of_owner is
  'Finds views that show API roles rows which policies hide from them.';
