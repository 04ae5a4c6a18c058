-- One request to a table, one statement. The plan is made by authenticator, who can read
-- the catalogue and no table; it is run as the caller, and there row-level security
-- decides.
--
-- An invoker without a search_path of its own, since only such a function may switch
-- roles. So it names types with their schema, and leaves operators on jsonb to the plan:
-- with a literal beside it, ->> could be found to mean one that someone put on the path.

create or replace function auth_private.rest(
  query jsonb,
  payload text,
  claims jsonb,
  request jsonb
)
returns table (status integer, headers text, profile text, total bigint, body text)
language plpgsql volatile
as $$
declare
  plan record;
  result pg_catalog.text;
  rows bigint;
begin
  select * into strict plan from auth_private.rest_plan(query);

  perform auth_private.enter(claims, request);
  perform pg_catalog.set_config('search_path', pg_catalog.quote_ident(plan.schema_name), true);
  if not plan.writes then
    perform pg_catalog.set_config('transaction_read_only', 'on', true);
  end if;
  execute plan.statement into result, rows
    using plan.operands, payload::pg_catalog.json, plan.first, plan.skipped;

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

  return query select
    coalesce(
      nullif(pg_catalog.current_setting('response.status', true), '')::integer,
      case when plan.writes then 201 else 200 end
    ),
    pg_catalog.current_setting('response.headers', true), plan.profile, rows, result;
end
$$;

comment on function auth_private.rest is
  'Answers a request to a table or view of an exposed schema: query describes it, payload is a JSON array of rows to insert, claims are those of its verified token. Returns status, headers as PostgREST writes them, the schema to name in the answer, the number of rows and the JSON body. Refuses: PGRST106, PGRST116, PGRST204, PGRST205, 42703, and what auth_private.enter refuses. For the gateway.';

grant execute on function auth_private.rest to authenticator;
