-- The four policies that nearly every table of users' own rows wants, in the fast form.
-- An invoker: only who may alter the table can do it. Safe to repeat.

create or replace function auth.protect(target regclass, owner name default 'user_id')
returns setof text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  statement text;
  own text;
  owner_column record;
begin
  select a.attnum, a.atttypid::regtype as type into owner_column
  from pg_attribute a
  where a.attrelid = protect.target and a.attname = protect.owner and a.attnum > 0
    and not a.attisdropped;
  if not found then
    perform auth_private.refuse('protect_column_unknown',
      array[protect.target::text, coalesce(protect.owner, '')::text]);
  end if;
  if owner_column.type <> 'uuid'::regtype then
    perform auth_private.refuse('protect_column_not_uuid',
      array[protect.target::text, protect.owner::text, owner_column.type::text]);
  end if;

  own := format('((select auth.uid()) = %I)', protect.owner);
  for statement in
    select format(step.text, protect.target, protect.owner, own)
    from (
      select 'alter table %1$s enable row level security' as text
      union all
      select 'create index on %1$s (%2$I)'
      where not exists (
        select
        from pg_index i
        where i.indrelid = protect.target and i.indkey[0] = owner_column.attnum and i.indisvalid
          and i.indpred is null
      )
      union all
      select format('drop policy if exists %s_own on %%1$s', act)
      from unnest('{select,insert,update,delete}'::text[]) act
      where exists (
        select
        from pg_policy p
        where p.polrelid = protect.target and p.polname = act || '_own'
      )
      union all
      select 'create policy select_own on %1$s for select to authenticated using %3$s'
      union all
      select 'create policy insert_own on %1$s for insert to authenticated with check %3$s'
      union all
      select 'create policy update_own on %1$s for update to authenticated '
        || 'using %3$s with check %3$s'
      union all
      select 'create policy delete_own on %1$s for delete to authenticated using %3$s'
      union all
      select 'grant select, insert, update, delete on %1$s to authenticated'
    ) step
  loop
    execute statement;
    return next statement || ';';
  end loop;
end
$$;

comment on function auth.protect is
  'Makes the rows of a table their owner''s: row-level security, an index on the owner column (a uuid), four policies select_own, insert_own, update_own, delete_own for authenticated, and the grants. Returns the statements it has run. Refuses: validation_failed for a column that is none. For the owner of the table.';
