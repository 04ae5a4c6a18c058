-- Refuses a request to a table as PostgREST lets a function refuse: SQLSTATE PGRST, the
-- body of the answer as message and its status as detail.

create or replace function auth_private.rest_refuse(
  status integer,
  code text,
  message text,
  details text default null,
  hint text default null
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'PGRST',
    message = json_build_object('code', rest_refuse.code, 'message', rest_refuse.message,
      'details', rest_refuse.details, 'hint', rest_refuse.hint)::text,
    detail = json_build_object('status', rest_refuse.status, 'headers', '{}'::json)::text;
end
$$;

comment on function auth_private.rest_refuse is
  'Raises a refusal with an HTTP status and an error of PostgREST. Undoes what the statement did.';

grant execute on function auth_private.rest_refuse to authenticator;
