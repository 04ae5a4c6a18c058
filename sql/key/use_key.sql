create or replace function auth_private.use_key(id uuid)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from auth_private.signing_keys k where k.id = use_key.id and k.status = 'in_use')
  then
    return;
  end if;
  -- Two statements, since the index that allows one key in use looks at each row by itself.
  update auth_private.signing_keys k set status = 'previous' where k.status = 'in_use';
  update auth_private.signing_keys k set status = 'in_use' where k.id = use_key.id;
end
$$;

comment on function auth_private.use_key is
  'Has this key sign from now on; the one before still verifies.';
