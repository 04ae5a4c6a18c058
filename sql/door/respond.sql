-- The response settings are PostgREST's, so the same functions serve there.

create or replace function auth_private.respond(status integer, headers jsonb default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select
    set_config('response.status', respond.status::text, true),
    case when respond.headers is not null then set_config(
      'response.headers',
      (
        select jsonb_agg(jsonb_build_object(h.key, h.value))
        from jsonb_each_text(respond.headers) h
      )::text,
      true
    ) end
$$;

comment on function auth_private.respond is
  'Sets the HTTP status of the answer and, from an object, its headers.';
