create or replace function auth_private.rest_parameters(routine oid)
returns table ("position" bigint, name text, type oid, "variadic" boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row_number() over (order by a.n), coalesce(a.name, ''), a.type,
    a.mode is not distinct from 'v'
  from pg_proc p
  cross join unnest(
    coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes
  ) with ordinality a (type, name, mode, n)
  where p.oid = rest_parameters.routine
    and a.type is not null
    and coalesce(a.mode, 'i') in ('i', 'b', 'v')
$$;

comment on function auth_private.rest_parameters is
  'What a function takes: its parameters that are no mere results, in order; an empty name for none.';

grant execute on function auth_private.rest_parameters to authenticator;
