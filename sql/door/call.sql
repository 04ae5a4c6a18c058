-- The dispatcher: one request, one statement. It switches to the caller's role before
-- it calls, so what may be called is what GRANT EXECUTE says, here as in psql and under
-- PostgREST.
--
-- A refusal that is raised undoes what the statement did, the counting of the request with
-- it, and then guessing would cost nothing. So the call of a limited request is a
-- subtransaction of its own: what it raises is caught and returned, with all that Postgres
-- has to say of it, and the gateway answers as if it had been raised.

create or replace function auth_private.call(
  routine text,
  args jsonb,
  claims jsonb,
  request jsonb,
  required text default 'none',
  params text default 'Params',
  bucket text default '',
  out status integer,
  out headers text,
  out body text,
  out raised jsonb
)
language plpgsql volatile
as $$
declare
  role pg_catalog.text;
  statement pg_catalog.text;
  result pg_catalog.text;
  refusal pg_catalog.jsonb;
  said pg_catalog.text;
  message pg_catalog.text;
  detail pg_catalog.text;
  hint pg_catalog.text;
  schema_said pg_catalog.text;
  context pg_catalog.text;
begin
  -- What is asked here is found by a key, so a plan that suits one value suits all. Left to
  -- itself Postgres makes some of the plans anew at every call, which costs more than to run them.
  perform pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true);

  -- Who may not ask is told so, whatever else is wrong with the request; and only a user's
  -- request is counted as one.
  role := auth_private.admit(claims, required);
  if bucket operator(pg_catalog.<>) ''::pg_catalog.text
    or request operator(pg_catalog.?) 'captcha'::pg_catalog.text
  then
    refusal := auth_private.gate(bucket, args, request);
  end if;

  if refusal is not null then
    result := refusal::pg_catalog.text;
  elsif bucket operator(pg_catalog.=) ''::pg_catalog.text then
    statement := auth_private.statement(routine, args, params);
    perform auth_private.enter(role, claims, request);
    execute statement into result using args;
  else
    begin
      statement := auth_private.statement(routine, args, params);
      perform auth_private.enter(role, claims, request);
      execute statement into result using args;
      -- What would be raised at the commit is to be caught, too.
      set constraints all immediate;
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics said = returned_sqlstate, message = message_text,
        detail = pg_exception_detail, hint = pg_exception_hint, schema_said = schema_name,
        context = pg_exception_context;
      raised := pg_catalog.jsonb_build_object(
        'code', said, 'message', message, 'detail', nullif(detail, ''),
        'hint', nullif(hint, ''), 'schema_name', nullif(schema_said, ''), 'where', context);
      return;
    end;
  end if;

  status := coalesce(nullif(pg_catalog.current_setting('response.status', true), ''), '200');
  headers := pg_catalog.current_setting('response.headers', true);
  body := nullif(result, '');
end
$$;

comment on function auth_private.call is
  'Calls auth.<routine> for a request: args is its body, claims are those of its verified token, required says whether only a user or an admin will do. Returns status, headers as PostgREST writes them, and the JSON body; a null body where there is none. bucket names the limit that its client is held to, empty for none: with one, and only then, a refusal is not raised but returned in raised, as Postgres would report it. request may say what the gateway has found out about its captcha and password, see auth_private.gate and auth_private.password_weakness. For the gateway.';

grant execute on function auth_private.call to authenticator;
