-- The roles, which belong to the whole cluster and not to one database: so they
-- are made here, before any migration, and only where they are missing. Needs
-- CREATEROLE, not superuser. Safe to run again, also against a cluster that has
-- them from PostgREST or Supabase.
--
--   anon, authenticated, service_role   what an API request runs as
--   authenticator                       the gateway's login; owns nothing
--   auth_worker                         the mail worker's login
--   auth_owner                          owns the schemas, tables and functions

do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (values
      ('anon', 'nologin noinherit', 'pgtrue: a request without a user'),
      ('authenticated', 'nologin noinherit', 'pgtrue: a request of a signed-in user'),
      ('service_role', 'nologin noinherit bypassrls', 'pgtrue: a request of a trusted server'),
      ('authenticator', 'login noinherit', 'pgtrue: login of the gateway'),
      ('auth_worker', 'login noinherit', 'pgtrue: login of the mail worker'),
      ('auth_owner', 'nologin', 'pgtrue: owns the schemas auth and auth_private')
    ) as roles (name, options, comment)
    where not exists (select from pg_catalog.pg_roles r where r.rolname = roles.name)
  loop
    begin
      execute format('create role %I %s', wanted.name, wanted.options);
    exception when insufficient_privilege then
      -- Only a role that bypasses RLS itself may hand that on. Without it service_role
      -- obeys policies, and an application that uses it writes policies for it.
      if wanted.options not like '%bypassrls' then
        raise;
      end if;
      execute format('create role %I %s', wanted.name, replace(wanted.options, ' bypassrls', ''));
      raise notice 'service_role is made without BYPASSRLS, which % may not give', current_user;
    end;
    execute format('comment on role %I is %L', wanted.name, wanted.comment);
  end loop;

  -- Whoever installs can work on the schemas, and try policies as an API role.
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    execute format('grant auth_owner, anon, authenticated, service_role to %I', current_user);
  end if;
end
$$;

grant anon, authenticated, service_role to authenticator;
