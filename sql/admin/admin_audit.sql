create or replace function auth.admin_audit(
  query text default null,
  page integer default null,
  per_page integer default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  size constant integer := coalesce(admin_audit.per_page, 50);
  place constant integer := greatest(admin_audit.page, 1);
  scope constant text := split_part(coalesce(admin_audit.query, ''), ':', 1);
  wanted constant text := substring(admin_audit.query from ':(.*)$');
  total bigint;
  entries jsonb;
begin
  if size < 1 then
    perform auth_private.refuse('pagination_invalid', array['per_page must be greater than 0']);
  end if;
  if admin_audit.query <> ''
    and (scope not in ('author', 'action', 'type') or wanted is null)
  then
    perform auth_private.refuse('audit_scope_unknown', array[admin_audit.query]);
  end if;

  select count(*) into total from auth_private.listed_events(scope, wanted);
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', listed.id,
    'payload', listed.payload,
    'created_at', auth_private.rfc3339(listed.created_at),
    'ip_address', listed.ip_address
  ) order by listed.created_at desc, listed.id), '[]')
  into entries
  from (
    select e.id, e.payload, e.created_at, e.ip_address
    from auth_private.listed_events(scope, wanted) e
    order by e.created_at desc, e.id
    limit size offset (place - 1)::bigint * size
  ) listed;

  perform auth_private.respond_page(total, place, size,
    jsonb_build_object('per_page', admin_audit.per_page, 'query', admin_audit.query));
  return entries;
end
$$;

comment on function auth.admin_audit is
  'The audit log, newest first, page by page (50 each, from 1). query: author, action or type, a colon, and a part of what is meant, as author:ann. Sets the headers X-Total-Count and Link. Refuses: validation_failed. GET /admin/audit.';

grant execute on function auth.admin_audit to service_role;
