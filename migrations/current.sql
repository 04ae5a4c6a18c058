-- The next migration: npm run migrate -- commit "what it does"

set local role auth_owner;

alter table auth_private.settings
  add column db_cleanup_enabled boolean not null default false;

comment on column auth_private.settings.db_cleanup_enabled is 'The worker removes what has long expired: sessions, refresh tokens, unfinished flows, and anonymous users after 30 days. true or false.';

reset role;

--! include index.sql
