-- A refusal has to look like one: a status that is none of an error's becomes 500.

create or replace function auth_private.hook_error(
  output jsonb,
  out status integer,
  out message text
)
returns record
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select
    case when output #>> '{error,http_code}' ~ '^[45][0-9][0-9]$'
      then (output #>> '{error,http_code}')::integer else 500 end,
    nullif(output #>> '{error,message}', '')
$$;

comment on function auth_private.hook_error is
  'The refusal in a hook''s output {"error": {"http_code", "message"}}; its message is null where there is none.';
