-- Calls a function of the application: as the owner of this function, on its path, in the
-- transaction of the request.
--
-- What a hook raises on purpose, or a constraint of its tables, is told to the client in
-- its own words, as with an application's triggers. Of any other failure the client learns
-- only which hook it was. The log learns the reason, and never the payload: it holds codes
-- and links, and the errors of class 22 quote the value that they could not read.

create or replace function auth_private.call_hook(name text, payload jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  uri constant text := auth_private.hook_uri(call_hook.name);
  statement constant text := auth_private.hook_statement(uri);
  said text;
  output jsonb;
  state text;
  message text;
  place text;
begin
  if statement is null then
    raise log 'hook %: auth_owner sees no function with one json or jsonb argument at %',
      call_hook.name, uri;
    perform auth_private.refuse('hook_failed', array[uri]);
  end if;

  begin
    execute statement into said using auth_private.hook_input(call_hook.name, payload);
  exception when others then
    get stacked diagnostics
      state = returned_sqlstate, message = message_text, place = pg_exception_context;
    if state like 'PT%' or state in (
      'P0001', '23000', '23001', '23502', '23503', '23505', '23514', '23P01')
    then
      raise;
    end if;
    raise log 'hook % failed: %, %, %', call_hook.name, state,
      case when state like '22%' then regexp_replace(message, '".*"', '"…"') else message end,
      substring(place from '(?:PL/pgSQL|SQL) function [^' || chr(10) || ']*');
    perform auth_private.refuse('hook_failed', array[uri]);
  end;

  begin
    output := nullif(said, '');
  exception when data_exception then
    perform auth_private.refuse('hook_output_invalid');
  end;
  if jsonb_typeof(output) not in ('object', 'null') then
    perform auth_private.refuse('hook_output_invalid');
  end if;
  return nullif(output, 'null');
end
$$;

comment on function auth_private.call_hook is
  'What a hook of the database says to the payload, an object; null where it says nothing. Its own {"error": …} is not looked at. Refuses: unexpected_failure, and what the hook raises.';
