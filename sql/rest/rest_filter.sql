create or replace function auth_private.rest_filter(relation oid, filter jsonb, n bigint)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  filtered record;
begin
  select * into strict filtered from auth_private.rest_column(relation, filter ->> 'column');
  -- No else: an operator that is not listed raises, and never drops the condition.
  case filter ->> 'operator'
    when 'eq' then
      return format('%s = ($1[%s])::%s', filtered.expression, n, filtered.value_type);
  end case;
end
$$;

comment on function auth_private.rest_filter is
  'A filter {"column", "operator"} as a condition in SQL; its value is to be element n of the parameter $1. Refuses: 42703.';

grant execute on function auth_private.rest_filter to authenticator;
