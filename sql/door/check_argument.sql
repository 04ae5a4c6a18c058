-- What a path or a query says arrives as text. That it is no id or no number is told in
-- the API's words, before a cast would tell it in those of Postgres.

create or replace function auth_private.check_argument(name text, type regtype, value text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if check_argument.type = 'uuid'::regtype
    and check_argument.value !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
  then
    perform auth_private.refuse('id_not_uuid', array[check_argument.name]);
  end if;
  -- Nine digits: no product of two such numbers is too large to be an offset.
  if check_argument.type = 'integer'::regtype and check_argument.value !~ '^[0-9]{1,9}$' then
    perform auth_private.refuse('pagination_invalid', array[
      format('strconv.ParseUint: parsing "%s": invalid syntax', check_argument.value)]);
  end if;
end
$$;

comment on function auth_private.check_argument is
  'Passes a text that can be cast to the type of an argument. Refuses: validation_failed for no UUID (404), and for no number (400), which only pages have.';

grant execute on function auth_private.check_argument to authenticator;
