--! Previous: sha1:e283b491cc2748f1a4f6f19297349e9f591fe9b6
--! Hash: sha1:866744f2b874a048c4d51a00386fb55d18c131ff
--! Message: audit

-- The audit log, and two tables that only a dump of GoTrue's data fills.

set local role auth_owner;

create table auth.audit_log_entries (
  instance_id uuid,
  id uuid not null,
  payload json,
  created_at timestamptz,
  ip_address character varying(64) not null default '',
  constraint audit_log_entries_pkey primary key (id)
);

create index audit_logs_instance_id_idx on auth.audit_log_entries (instance_id);

comment on table auth.audit_log_entries is 'What happened, written in the transaction in which it happened.';

create table auth.instances (
  id uuid not null,
  uuid uuid,
  raw_base_config text,
  created_at timestamptz,
  updated_at timestamptz,
  constraint instances_pkey primary key (id)
);

comment on table auth.instances is 'Unused; for dumps of GoTrue''s data.';

create table auth.schema_migrations (
  version character varying(255) not null,
  constraint schema_migrations_pkey primary key (version)
);

comment on table auth.schema_migrations is 'GoTrue''s migrations, for dumps of its data; ours are in graphile_migrate.';

alter table auth.audit_log_entries enable row level security;
alter table auth.instances enable row level security;
alter table auth.schema_migrations enable row level security;

reset role;
