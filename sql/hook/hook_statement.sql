-- Names come from the catalogue, so pg_temp, whose functions anyone can make, is no schema
-- that a hook could be in.

create or replace function auth_private.hook_statement(uri text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('select %I.%I($1::%s)', n.nspname, p.proname, p.proargtypes[0]::regtype)
  from regexp_match(uri, '^pg-functions://[^/]*/([^/]+)/([^/]+)$') named
  join pg_namespace n on n.nspname = named[1]
  join pg_proc p on p.pronamespace = n.oid and p.proname = named[2]
  where p.prokind = 'f'
    and p.proargtypes[0] in ('json'::regtype, 'jsonb'::regtype)
    and p.pronargs - p.pronargdefaults <= 1
  order by p.proargtypes[0] = 'jsonb'::regtype desc, p.pronargs
  limit 1
$$;

comment on function auth_private.hook_statement is
  'The call of the function that pg-functions://any/schema/function names, with $1 for its one json or jsonb argument; null where there is no such function.';
