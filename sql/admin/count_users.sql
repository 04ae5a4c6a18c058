-- Keeps count of the users, since counting a million takes a fifth of a second. Each change
-- adds a row of its own, so two who sign up at once do not wait for each other, and whoever
-- sums the rows sees exactly the users that are there for the same snapshot.

create or replace function auth_private.count_users()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  if tg_op = 'INSERT' then
    insert into auth_private.user_counts (aud, change)
    select u.aud, count(*)
    from changed u
    where u.aud is not null and coalesce(u.instance_id, nobody) = nobody
    group by u.aud;
  elsif tg_op = 'DELETE' then
    insert into auth_private.user_counts (aud, change)
    select u.aud, -count(*)
    from changed u
    where u.aud is not null and coalesce(u.instance_id, nobody) = nobody
    group by u.aud;
  elsif tg_op = 'UPDATE' then
    insert into auth_private.user_counts (aud, change)
    select u.aud, u.change
    from (values (old.aud, old.instance_id, -1), (new.aud, new.instance_id, 1))
      u (aud, instance_id, change)
    where u.aud is not null and coalesce(u.instance_id, nobody) = nobody;
  else
    delete from auth_private.user_counts;
  end if;

  -- Elsewhere a fold by somebody else at the same time would be an error.
  if random() < 0.01 and current_setting('transaction_isolation') = 'read committed' then
    perform auth_private.fold_user_counts();
  end if;
  return null;
end
$$;

comment on function auth_private.count_users is
  'Trigger function: notes in auth_private.user_counts how many users have come and gone.';

create or replace trigger count_new_users
  after insert on auth.users
  referencing new table as changed
  for each statement execute function auth_private.count_users();

create or replace trigger count_gone_users
  after delete on auth.users
  referencing old table as changed
  for each statement execute function auth_private.count_users();

create or replace trigger count_moved_user
  after update of aud, instance_id on auth.users
  for each row
  when (old.aud is distinct from new.aud or old.instance_id is distinct from new.instance_id)
  execute function auth_private.count_users();

create or replace trigger count_no_users
  after truncate on auth.users
  for each statement execute function auth_private.count_users();
