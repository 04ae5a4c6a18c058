create or replace function auth_private.refuse_linked(provider text, subject text, user_id uuid)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  owner uuid;
begin
  select i.user_id into owner
  from auth.identities i
  where i.provider_id = refuse_linked.subject and i.provider = refuse_linked.provider;
  if owner = refuse_linked.user_id then
    perform auth_private.refuse('identity_linked');
  end if;
  if owner is not null then
    perform auth_private.refuse('identity_linked_elsewhere');
  end if;
end
$$;

comment on function auth_private.refuse_linked is
  'Passes an account at another site that is nobody''s. Refuses: identity_already_exists.';
