-- What the dispatcher has told from a JSON body, for those who call a function themselves.

create or replace function auth_private.check_object(name text, value jsonb)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(value) not in ('object', 'null') then
    perform auth_private.refuse('argument_not_object', array[name]);
  end if;
end
$$;

comment on function auth_private.check_object is
  'Refuses an argument that is no JSON object and not absent either: validation_failed.';
