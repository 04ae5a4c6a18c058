-- Nothing is read back that is not answered with, so that writing needs no right to
-- select.

create or replace function auth_private.rest_returning(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    case
      when bool_or(name is null) then 't.*'
      else string_agg(distinct (auth_private.rest_column(target, name)).expression, ', ')
        filter (where name is not null)
    end, '1')
  from (
    select term ->> 'column' as name
    from jsonb_array_elements((query -> 'select') || (query -> 'order')) as terms (term)
    where (query -> 'body')::boolean
    union all
    select jsonb_array_elements_text(target -> 'key')
    where (query -> 'location')::boolean
  ) as answered
$$;

comment on function auth_private.rest_returning is
  'The columns of a written row that the answer needs, as SQL. Refuses: 42703.';

grant execute on function auth_private.rest_returning to authenticator;
