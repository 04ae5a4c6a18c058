create or replace function auth_private.require_aal2(actor auth.users)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if auth.aal() is distinct from 'aal2' and exists (
    select from auth.mfa_factors f where f.user_id = actor.id and f.status = 'verified'
  ) then
    perform auth_private.refuse('insufficient_aal');
  end if;
end
$$;

comment on function auth_private.require_aal2 is
  'Passes users without a second factor, and sessions that have shown it. Refuses: insufficient_aal.';
