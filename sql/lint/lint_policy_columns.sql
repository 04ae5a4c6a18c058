-- Only a column that is compared with = : an index on a flag would help nobody.

create or replace function auth_private.lint_policy_columns()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select distinct 'warning', format('%s.%I', p.relation_name, a.attname),
    format('Policy %s compares this column, and no index begins with it: ', p.name)
      || 'each query reads the whole table.',
    format('create index on %s (%I);', p.relation_name, a.attname)
  from auth_private.exposed_policies() p
  join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid = p.relation and d.refobjsubid > 0
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where p.using_text ~ format('(\m%1$I = )|( = %1$I\M)', a.attname)
    and not exists (
      select
      from pg_index i
      where i.indrelid = p.relation and i.indkey[0] = a.attnum and i.indisvalid
    )
$$;

comment on function auth_private.lint_policy_columns is
  'Finds columns that a policy compares and no index begins with.';
