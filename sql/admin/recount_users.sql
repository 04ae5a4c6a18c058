-- For data that came past the triggers, as by pg_restore --disable-triggers. What is wrong
-- is found and put right in one snapshot, so nobody has to be kept from signing up.

create or replace function auth_private.recount_users()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth_private.user_counts (aud, change)
  select d.aud, sum(d.change)
  from (
    select u.aud, count(*) as change
    from auth.users u
    where u.aud is not null
      and coalesce(u.instance_id, '00000000-0000-0000-0000-000000000000')
        = '00000000-0000-0000-0000-000000000000'
    group by u.aud
    union all
    select c.aud, -c.change from auth_private.user_counts c
  ) d
  group by d.aud
  having sum(d.change) <> 0
$$;

comment on function auth_private.recount_users is
  'Counts the users and mends auth_private.user_counts. For the owner, after an import with triggers off; one at a time.';
