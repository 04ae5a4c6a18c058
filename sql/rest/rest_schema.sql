-- The schema a request is for. A definer, since the settings are the owner's alone. It
-- is told back to the client only where there was a choice, as PostgREST does.

create or replace function auth_private.rest_schema(
  profile text,
  out name text,
  out told boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  exposed constant text[] := (select s.db_schemas from auth_private.settings s);
begin
  if rest_schema.profile <> all (exposed) then
    perform auth_private.rest_refuse(406, 'PGRST106', 'Invalid schema: ' || rest_schema.profile,
      hint => 'Only the following schemas are exposed: ' || array_to_string(exposed, ', '));
  end if;

  name := coalesce(rest_schema.profile, exposed[1]);
  told := rest_schema.profile is not null or cardinality(exposed) > 1;
end
$$;

comment on function auth_private.rest_schema is
  'The exposed schema that a profile names, or the first; told says whether the answer names it. Refuses: PGRST106.';

grant execute on function auth_private.rest_schema to authenticator;
