create or replace function auth_private.discard_tokens(user_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  delete from auth.one_time_tokens t where t.user_id = discard_tokens.user_id;
  delete from auth_private.one_time_codes c where c.user_id = discard_tokens.user_id;
$$;

comment on function auth_private.discard_tokens is
  'Voids all links and codes that were mailed to a user.';
