-- The user's row first, as whoever settles it does.

create or replace function auth_private.contest_password(user_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select from auth.users u where u.id = contest_password.user_id for no key update;
  update auth_private.unproven_passwords p
  set contested = true
  where p.user_id = contest_password.user_id;
$$;

comment on function auth_private.contest_password is
  'Notes that somebody who may be the owner has come by another way, or with another password, before a sign-up was confirmed: the mail on its way proves more than that sign-up.';
