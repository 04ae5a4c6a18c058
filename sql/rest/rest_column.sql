-- Every name that a client sends becomes SQL text through here, and only as the quoted
-- name of a column that the catalogue has.
--
-- A value is compared as the type below a domain and without a length: as a domain it
-- could violate a constraint, cut to a length it would match what it is not equal to.

create or replace function auth_private.rest_column(
  target jsonb,
  name text,
  out identifier text,
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
  where a.attrelid = (rest_column.target ->> 'relation')::oid
    and a.attname = rest_column.name
    and a.attnum > 0
    and not a.attisdropped;
  -- What a function returns may have columns that are no relation's.
  if not found then
    select o.type into type
    from pg_proc p
    cross join unnest(p.proallargtypes, p.proargnames, p.proargmodes) o (type, name, mode)
    where p.oid = (rest_column.target ->> 'routine')::oid
      and o.name = rest_column.name
      and o.mode in ('o', 'b', 't');
  end if;
  if type is null then
    raise undefined_column using message = format('column %s.%s does not exist',
      rest_column.target ->> 'name', rest_column.name);
  end if;

  while (select t.typtype = 'd' from pg_type t where t.oid = type) loop
    type := (select t.typbasetype from pg_type t where t.oid = type);
  end loop;
  identifier := quote_ident(rest_column.name);
  expression := 't.' || identifier;
  -- With -1 a type without a length is written so that it reads back without one.
  value_type := format_type(type, -1);
end
$$;

comment on function auth_private.rest_column is
  'A column of the target: its name as SQL, the same as a column of t, as statements call the target, and the type to read a compared value as. Refuses: 42703.';

grant execute on function auth_private.rest_column to authenticator;
