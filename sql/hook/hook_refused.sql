create or replace function auth_private.hook_refused(status integer, message text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.respond(hook_refused.status);
  return jsonb_build_object(
    'code', hook_refused.status,
    'error_code', case hook_refused.status when 500 then 'unexpected_failure' else 'unknown' end,
    'msg', hook_refused.message);
end
$$;

comment on function auth_private.hook_refused is
  'What a hook refuses with as a result, with its status set for PostgREST and the gateway. Keeps what the statement did.';
