-- Turns a JSON body into a call by argument name. Names come from the catalogue and
-- values stay in the parameter $1, so nothing that a client sends is ever SQL text.
--
-- Keys match in any case, unknown keys are ignored, and null is as good as absent: that
-- is how clients of GoTrue may write. A value of the wrong type is told in its words.

create or replace function auth_private.statement(
  routine text,
  args jsonb,
  params text default 'Params'
)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  called record;
  argument text;
  type regtype;
  value jsonb;
  actual text;
  wanted text;
  list text[] := '{}';
begin
  select p.pronargs, p.proargnames, p.proargtypes, p.prorettype into strict called
  from pg_proc p
  where p.pronamespace = 'auth'::regnamespace and p.proname = statement.routine;

  -- What the client sent is kept out of the query: auto_explain prints a query's constants.
  for place in 1 .. called.pronargs loop
    argument := called.proargnames[place];
    value := args -> argument;
    actual := jsonb_typeof(value);
    if coalesce(actual, 'null') = 'null' then
      continue;
    end if;
    -- An oidvector counts from 0.
    type := called.proargtypes[place - 1];
    wanted := case type::text
      when 'jsonb' then 'object' when 'boolean' then 'boolean' when 'text[]' then 'array'
      else 'string' end;
    -- Of a list its first wrong element is told, as if it were the value.
    if actual = 'array' and wanted = 'array' then
      wanted := 'string';
      actual := coalesce((
        select jsonb_typeof(e.value)
        from jsonb_array_elements(value) with ordinality e (value, place)
        where jsonb_typeof(e.value) <> 'string'
        order by e.place limit 1), 'string');
    end if;
    if actual <> wanted then
      perform auth_private.refuse('body_not_json', array[format(
        'json: cannot unmarshal %s into Go struct field %s.%s of type %s',
        case actual when 'boolean' then 'bool' else actual end, params, argument,
        case type::text
          when 'jsonb' then 'map[string]interface {}' when 'boolean' then 'bool'
          when 'text[]' then case wanted when 'array' then '[]string' else 'string' end
          else 'string'
        end)]);
    end if;
    perform auth_private.check_argument(argument, type, value #>> '{}');
    -- With its schema, since the call is made on a path of the caller.
    list := list || format(
      case type::text
        when 'jsonb' then '%I => $1 operator(pg_catalog.->) %L'
        when 'text[]' then
          '%I => array(select pg_catalog.jsonb_array_elements_text($1 operator(pg_catalog.->) %L))'
        else '%I => ($1 operator(pg_catalog.->>) %L)::%s'
      end,
      argument, argument, type);
  end loop;

  return format('select auth.%I(%s)%s', statement.routine, array_to_string(list, ', '),
    case when called.prorettype = 'void'::regtype then '' else '::text' end);
end
$$;

comment on function auth_private.statement is
  'The text of a call to auth.<routine> with those of its arguments that the object in $1 has. Refuses: bad_json for a value of another JSON type, naming it params.<argument>, and what auth_private.check_argument refuses.';

grant execute on function auth_private.statement to authenticator;
