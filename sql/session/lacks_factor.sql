create or replace function auth_private.lacks_factor(session auth.sessions)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(session.aal, 'aal1') = 'aal1' and exists (
    select
    from auth.mfa_factors f
    where f.user_id = session.user_id and f.status = 'verified'
  )
$$;

comment on function auth_private.lacks_factor is
  'Whether the session has not shown the second factor that its user has.';
