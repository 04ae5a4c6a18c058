-- Words of a condition come one by one, so that no nesting makes this deep. No case has
-- an else: a word or operator that is not listed raises, and never drops a condition.

create or replace function auth_private.rest_filter(target jsonb, term jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  filtered record;
  -- As text for patterns; else as the type of the column.
  operand constant text := format('($1[%s])', (term ->> 'operand')::integer);
begin
  if jsonb_typeof(term) = 'string' then
    case term #>> '{}'
      when '(', ')', 'and', 'or', 'not' then
        return term #>> '{}';
    end case;
  end if;

  select * into strict filtered from auth_private.rest_column(target, term ->> 'column');
  case term ->> 'operator'
    when 'eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'cs', 'cd' then
      return format('%s %s %s::%s', filtered.expression,
        case term ->> 'operator'
          when 'eq' then '=' when 'neq' then '<>' when 'gt' then '>' when 'gte' then '>='
          when 'lt' then '<' when 'lte' then '<=' when 'cs' then '@>' when 'cd' then '<@'
        end, operand, filtered.value_type);
    when 'like', 'ilike' then
      return format('%s %s %s', filtered.expression, term ->> 'operator', operand);
    when 'in' then
      return format('%s = any (%s::%s[])', filtered.expression, operand, filtered.value_type);
    when 'is' then
      case term ->> 'value'
        when 'null', 'not null', 'true', 'false', 'unknown' then
          return format('%s is %s', filtered.expression, term ->> 'value');
      end case;
  end case;
end
$$;

comment on function auth_private.rest_filter is
  'A term of a condition in SQL: a word of (, ), and, or, not; or {"column", "operator", "operand"}, where operand tells which element of the parameter $1 is the value, for is {"value"}. Refuses: 42703.';

grant execute on function auth_private.rest_filter to authenticator;
