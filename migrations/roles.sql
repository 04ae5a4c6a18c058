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

  -- Whoever installs can work on the schemas, and try policies as an API role. Where
  -- somebody else has made the roles, that one has to grant them.
  for wanted in
    select *
    from (values ('auth_owner'), ('anon'), ('authenticated'), ('service_role')) as roles (name)
    -- Since Postgres 16 a maker is a member that may not yet act as the role.
    where not pg_catalog.pg_has_role(current_user, roles.name, case
      when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end)
  loop
    begin
      execute format('grant %I to %I', wanted.name, current_user);
    exception when insufficient_privilege then
      raise exception 'role % belongs to somebody else; as its maker or a superuser run: grant % to % with admin option',
        wanted.name, wanted.name, current_user
        using errcode = 'insufficient_privilege';
    end;
  end loop;

  for wanted in
    select *
    from (values ('anon'), ('authenticated'), ('service_role')) as roles (name)
    where not pg_catalog.pg_has_role('authenticator', roles.name, 'member')
  loop
    execute format('grant %I to authenticator', wanted.name);
  end loop;

  -- What the logins send is passwords and codes, as parameters. A server that logs its
  -- statements logs those, too, and one that logs plans in full prints them as constants,
  -- unless it is told not to; only a superuser may tell it.
  for wanted in
    select roles.name, settings.name as setting
    from (values ('authenticator'), ('auth_worker')) as roles (name),
      (values ('log_parameter_max_length'), ('log_parameter_max_length_on_error'),
        ('auto_explain.log_parameter_max_length'), ('auto_explain.log_verbose')
      ) as settings (name)
    where not exists (
      select
      from pg_catalog.pg_db_role_setting s
      join pg_catalog.pg_roles r on r.oid = s.setrole
      where r.rolname = roles.name and s.setdatabase = 0
        and settings.name || '=0' = any (s.setconfig)
    )
  loop
    begin
      execute format('alter role %I set %s = 0', wanted.name, wanted.setting);
    exception when insufficient_privilege or undefined_object then
      null;
    end;
  end loop;
end
$$;
