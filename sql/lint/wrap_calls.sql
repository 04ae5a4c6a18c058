-- A call in a policy is made for every row. In a sub-select of its own it is made once,
-- before the first. Postgres prints such a sub-select as ( SELECT …): so here a stack of
-- open parentheses tells, for each call of ours, whether the nearest sub-select around it
-- has rows of its own, or is none.

create or replace function auth_private.wrap_calls(expression text)
returns text
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  token text[];
  said text;
  -- Of each open parenthesis: once for a sub-select without rows, rows for one with, else
  -- what is around it.
  around text[] := '{}';
  wrapping integer[] := '{}';
  wrapped text := '';
begin
  for token in
    select regexp_matches(expression,
      $re$('(?:[^']|'')*'|"(?:[^"]|"")*"|$re$
      || 'auth\.(?:uid|role|email|jwt|session_id|aal|email_domain|is_anonymous|claim)\('
      || '|\( SELECT\y|\(|\)|[a-zA-Z_0-9.]+|.)', 'g')
  loop
    said := token[1];
    if said = 'FROM' and around <> '{}' then
      around[cardinality(around)] := 'rows';
    end if;
    if said ~ '^auth\.' and around[cardinality(around)] is distinct from 'once' then
      wrapped := wrapped || '( SELECT ';
      wrapping := wrapping || cardinality(around);
    end if;
    if said ~ '\($' or said = '( SELECT' then
      around := around || case when said = '( SELECT' then 'once'
        else coalesce(around[cardinality(around)], 'rows') end;
    end if;
    wrapped := wrapped || said;
    if said = ')' then
      around := trim_array(around, 1);
      if cardinality(around) = wrapping[cardinality(wrapping)] then
        wrapped := wrapped || ')';
        wrapping := trim_array(wrapping, 1);
      end if;
    end if;
  end loop;
  return wrapped;
end
$$;

comment on function auth_private.wrap_calls is
  'A policy''s expression, as Postgres prints it, with each call of a policy helper that is made per row put into a sub-select of its own.';
