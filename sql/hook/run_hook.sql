-- Only functions of the database decide anything here: a database that waited for another
-- site would hold its locks meanwhile. Hooks at an https URL send what was decided.

create or replace function auth_private.run_hook(name text, payload jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  output constant jsonb := auth_private.call_hook(run_hook.name, payload);
  error record;
begin
  error := auth_private.hook_error(output);
  if error.message is not null then
    raise exception using errcode = 'PT' || error.status, message = error.message,
      detail = case error.status when 500 then 'unexpected_failure' else 'unknown' end,
      schema = 'auth';
  end if;
  return output;
end
$$;

comment on function auth_private.run_hook is
  'What a hook of the database says to the payload, an object; null where it says nothing. Refuses what the hook refuses, which undoes what the statement and the hook did, and what auth_private.call_hook refuses.';
