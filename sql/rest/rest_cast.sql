-- A type is found as a client may write it, and written as the catalogue has it. Those
-- that turn a number into a name of the catalogue are kept back: they would tell what
-- tables and roles there are.

create or replace function auth_private.rest_cast(schema_name text, name text)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  type oid;
begin
  begin
    type := coalesce(
      to_regtype(rest_cast.name),
      to_regtype(format('%I.%s', rest_cast.schema_name, rest_cast.name)));
  exception when syntax_error then
    -- What can't be read as a type is the name of none.
  end;
  if type is null then
    raise undefined_object using message = format('type "%s" does not exist', rest_cast.name);
  end if;
  if format_type(type, null) ~ '^reg' then
    perform auth_private.rest_not_implemented(format('Casts to %s', rest_cast.name));
  end if;
  return format_type(type, -1);
end
$$;

comment on function auth_private.rest_cast is
  'The type of this name, built in or of the schema, as SQL; null for null. Refuses: 42704, PGRST127.';

grant execute on function auth_private.rest_cast to authenticator;
