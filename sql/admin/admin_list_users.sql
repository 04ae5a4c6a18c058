-- The newest come first, in the order of an index, and their number is kept, so a page near
-- the beginning costs the same for a million users; only a filter reads them all.

create or replace function auth.admin_list_users(
  page integer default null,
  per_page integer default null,
  sort text default null,
  filter text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted_aud constant text := auth_private.requested_aud();
  size constant integer := coalesce(admin_list_users.per_page, 50);
  place constant integer := greatest(admin_list_users.page, 1);
  skipped constant bigint := (place - 1)::bigint * size;
  sorting constant text := coalesce(nullif(admin_list_users.sort, ''), 'created_at');
  field constant text := split_part(sorting, ' ', 1);
  direction constant text := substring(sorting from ' (.*)$');
  ascending constant boolean := coalesce(lower(direction) = 'asc', false);
  total bigint;
  users jsonb;
begin
  if size < 1 then
    perform auth_private.refuse('pagination_invalid', array['per_page must be greater than 0']);
  end if;
  if field <> 'created_at' then
    perform auth_private.refuse('sort_field_unknown', array[field]);
  end if;
  if lower(direction) not in ('asc', 'desc') then
    perform auth_private.refuse('sort_direction_unknown', array[direction]);
  end if;

  if coalesce(admin_list_users.filter, '') = '' then
    select coalesce(sum(c.change), 0) into total
    from auth_private.user_counts c
    where c.aud = wanted_aud;
  else
    select count(*) into total
    from auth_private.listed_users(wanted_aud, admin_list_users.filter);
  end if;
  select coalesce(jsonb_agg(
    auth_private.bare_user_json(listed.u) || '{"identities": null}'), '[]')
  into users
  from (
    (
      select u
      from auth_private.listed_users(wanted_aud, admin_list_users.filter) u
      where not ascending
      order by u.created_at desc, u.id desc
      limit size offset skipped
    )
    union all
    (
      select u
      from auth_private.listed_users(wanted_aud, admin_list_users.filter) u
      where ascending
      order by u.created_at, u.id
      limit size offset skipped
    )
  ) listed;

  perform auth_private.respond_page(total, place, size, jsonb_build_object(
    'per_page', admin_list_users.per_page, 'sort', admin_list_users.sort,
    'filter', admin_list_users.filter));
  return jsonb_build_object('users', users, 'aud', wanted_aud);
end
$$;

comment on function auth.admin_list_users is
  'The users, page by page (50 each, from 1), newest first or by sort, as created_at asc; filter is a part of the address or of user_metadata.full_name. Their identities and factors are left out. Sets the headers X-Total-Count and Link. Refuses: validation_failed. GET /admin/users.';

grant execute on function auth.admin_list_users to service_role;
