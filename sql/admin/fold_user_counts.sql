-- Keeps auth_private.user_counts short. What others have locked or not committed is left
-- for the next time, so nobody waits for it.

create or replace function auth_private.fold_user_counts()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with folded as (
    delete from auth_private.user_counts c
    using (select k.id from auth_private.user_counts k for update skip locked) k
    where c.id = k.id
    returning c.aud, c.change
  )
  insert into auth_private.user_counts (aud, change)
  select f.aud, sum(f.change)
  from folded f
  group by f.aud
  having sum(f.change) <> 0
$$;

comment on function auth_private.fold_user_counts is
  'Puts one row for each audience in the place of many in auth_private.user_counts; the sums stay.';
