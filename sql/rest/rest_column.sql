-- Every name that a client sends becomes SQL text through here, and only as the quoted
-- name of a column that the catalogue has.
--
-- A value is compared as the type below a domain and without a length: as a domain it
-- could violate a constraint, cut to a length it would match what it is not equal to.

create or replace function auth_private.rest_column(
  relation oid,
  name text,
  out expression text,
  out value_type text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  type oid;
begin
  select a.atttypid into type
  from pg_attribute a
  where a.attrelid = rest_column.relation
    and a.attname = rest_column.name
    and a.attnum > 0
    and not a.attisdropped;
  if not found then
    raise undefined_column using message = format('column %s.%s does not exist',
      (select c.relname from pg_class c where c.oid = rest_column.relation), rest_column.name);
  end if;

  while (select t.typtype = 'd' from pg_type t where t.oid = type) loop
    type := (select t.typbasetype from pg_type t where t.oid = type);
  end loop;
  expression := format('t.%I', rest_column.name);
  -- With -1 a type without a length is written so that it reads back without one.
  value_type := format_type(type, -1);
end
$$;

comment on function auth_private.rest_column is
  'A column of the relation, which statements call t: as SQL, and the type to read a compared value as. Refuses: 42703.';

grant execute on function auth_private.rest_column to authenticator;
