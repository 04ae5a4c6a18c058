-- Overloads are told apart by the names of the arguments, as PostgREST does: all that are
-- given are known, all that have no default are given. A function whose one parameter has
-- no name gets the body as it is, where no other matches.

create or replace function auth_private.rest_routine(schema_name text, query jsonb)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant text := query ->> 'target';
  given constant text[] := array(
    select distinct jsonb_array_elements_text(query -> 'columns') order by 1);
  named oid[];
  whole oid[];
begin
  select array_agg(p.oid order by p.pronargs, p.oid) filter (where
      given <@ coalesce(a.names, '{}') and coalesce(a.required, '{}') <@ given),
    array_agg(p.oid order by p.oid) filter (where
      p.pronargs = 1 and a.names[1] = '' and p.proargtypes[0] in ('json'::regtype, 'jsonb'::regtype)
      and not (query -> 'direct')::boolean)
  into named, whole
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  cross join lateral (
    select array_agg(i.name) as names,
      array_agg(i.name) filter (where i.position <= p.pronargs - p.pronargdefaults) as required
    from auth_private.rest_parameters(p.oid) i
  ) a
  where n.nspname = rest_routine.schema_name
    and p.proname = wanted
    and p.prokind = 'f'
    and p.prorettype <> 'trigger'::regtype;

  named := coalesce(named, whole);
  if named is null then
    perform auth_private.rest_no_routine(schema_name, query, given);
  end if;
  if cardinality(named) > 1 then
    perform auth_private.rest_refuse(300, 'PGRST203',
      'Could not choose the best candidate function between: ' || (
        select string_agg(format('%s.%s(%s)', schema_name, wanted, (
            select string_agg(format('%s => %s', i.name, format_type(i.type, null)), ', '
              order by i.position)
            from auth_private.rest_parameters(candidate) i)), ', ' order by n)
        from unnest(named) with ordinality as candidates (candidate, n)),
      hint => 'Try renaming the parameters or the function itself in the database so function '
        || 'overloading can be resolved');
  end if;
  return auth_private.rest_result(named[1]) || jsonb_build_object(
    'schema', rest_routine.schema_name,
    'name', wanted,
    'sql', format('%I.%I', schema_name, wanted));
end
$$;

comment on function auth_private.rest_routine is
  'The function that a request calls, as its target: {"schema", "name", "sql"} and what auth_private.rest_result returns. Refuses: PGRST202, PGRST203.';

grant execute on function auth_private.rest_routine to authenticator;
