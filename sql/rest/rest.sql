-- One request to a table or function, one statement. The plan is made by authenticator,
-- who can read the catalogue and no table; it is run as the caller, and there row-level
-- security decides.
--
-- An invoker without a search_path of its own, since only such a function may switch
-- roles. So it names types with their schema, and leaves operators on jsonb to the plan:
-- with a literal beside it, ->> could be found to mean one that someone put on the path.

create or replace function auth_private.rest(
  query jsonb,
  payload text,
  operands text[],
  first bigint,
  skipped bigint,
  claims jsonb,
  request jsonb
)
returns table (
  status text,
  headers text,
  profile text,
  target jsonb,
  merged integer,
  rows bigint,
  total bigint,
  location text,
  body text
)
language plpgsql volatile
as $$
declare
  role pg_catalog.text;
  plan record;
begin
  -- A token that is dead learns nothing, not even what tables there are.
  role := auth_private.admit(claims);
  select * into strict plan from auth_private.rest_plan(query);

  perform auth_private.enter(role, claims, request);
  perform pg_catalog.set_config('search_path',
    pg_catalog.concat(pg_catalog.quote_ident(plan.schema_name), ', public'), true);
  if not plan.writes then
    perform pg_catalog.set_config('transaction_read_only', 'on', true);
  end if;
  execute plan.statement into body, rows, total, location
    using operands, payload::pg_catalog.json, first, skipped;

  -- By now the caller's role may call nothing of ours.
  if plan.singular and rows <> 1 then
    raise exception using
      errcode = 'PGRST',
      message = pg_catalog.json_build_object(
        'code', 'PGRST116',
        'message', 'Cannot coerce the result to a single JSON object',
        'details', pg_catalog.format('The result contains %s rows', rows),
        'hint', null
      )::pg_catalog.text,
      detail = '{"status": 406, "headers": {}}';
  end if;

  status := nullif(pg_catalog.current_setting('response.status', true), '');
  headers := nullif(pg_catalog.current_setting('response.headers', true), '');
  merged := nullif(pg_catalog.current_setting('pgtrue.merged', true), '');
  profile := plan.profile;
  target := plan.target;
  return next;
end
$$;

comment on function auth_private.rest is
  'Answers a request to a table, view or function of an exposed schema. query describes it; payload is its body as JSON: an array of rows to write, or what a function is called with; operands are the values that query refers to; first and skipped are limit and offset; claims are those of its verified token. Returns what the request itself chose as status and headers, the schema to name in the answer, the target, the number of rows that were merged, of rows answered and of rows there are, the keys of a new row and the JSON body. Refuses: PGRST116, what auth_private.admit, auth_private.rest_plan and auth_private.enter refuse.';

grant execute on function auth_private.rest to authenticator;
