--! Previous: sha1:866744f2b874a048c4d51a00386fb55d18c131ff
--! Hash: sha1:091c50046f7f5fe03df11c644775c435b2fe24e7
--! Message: settings

-- Settings, one typed row, and the keys. A column is GoTrue's variable in lower case
-- without its prefix, so a GoTrue environment file maps by rule and not by a list.

set local role auth_owner;

create table auth_private.settings (
  singleton boolean primary key default true,

  site_url text not null default 'http://localhost:3000',
  api_external_url text not null default 'http://localhost:9999',
  uri_allow_list text[] not null default '{}',
  disable_signup boolean not null default false,
  audit_log_disable_postgres boolean not null default false,

  api_max_request_duration interval not null default '10 seconds',
  cors_allowed_headers text[] not null default '{}',
  db_schemas text[] not null default '{public}',

  jwt_exp integer not null default 3600,
  jwt_aud text not null default 'authenticated',
  jwt_default_group_name text not null default 'authenticated',
  jwt_admin_roles text[] not null default '{service_role}',
  jwt_issuer text not null default '',

  external_email_enabled boolean not null default true,
  external_email_magic_link_enabled boolean not null default true,
  external_anonymous_users_enabled boolean not null default false,
  external_flow_state_expiry_duration interval not null default '5 minutes',

  password_min_length integer not null default 6,
  password_required_characters text not null default '',
  password_hash_cost integer not null default 10,

  mailer_autoconfirm boolean not null default false,
  mailer_secure_email_change_enabled boolean not null default true,
  mailer_otp_exp integer not null default 86400,
  mailer_otp_length integer not null default 6,
  mailer_otp_max_attempts integer not null default 10,
  mailer_link_confirmation_page boolean not null default false,
  mailer_urlpaths_invite text not null default '/verify',
  mailer_urlpaths_confirmation text not null default '/verify',
  mailer_urlpaths_recovery text not null default '/verify',
  mailer_urlpaths_email_change text not null default '/verify',
  smtp_max_frequency interval not null default '1 minute',

  security_refresh_token_rotation_enabled boolean not null default true,
  security_refresh_token_reuse_interval integer not null default 0,
  security_refresh_token_allow_reuse boolean not null default false,
  security_update_password_require_reauthentication boolean not null default false,
  security_update_password_require_current_password boolean not null default false,

  sessions_timebox interval,
  sessions_inactivity_timeout interval,
  sessions_single_per_user boolean not null default false,
  sessions_checked_live boolean not null default true,

  constraint settings_singleton_check check (singleton),
  constraint site_url_check check (site_url ~ '^[a-zA-Z][a-zA-Z0-9+.-]*://'),
  constraint api_external_url_check check (api_external_url ~ '^https?://[^/]'),
  constraint api_max_request_duration_check check (api_max_request_duration > interval '0'),
  constraint db_schemas_check check (
    cardinality(db_schemas) > 0
    and not db_schemas && array['auth', 'auth_private', 'pg_catalog', 'information_schema']),
  constraint jwt_exp_check check (jwt_exp > 0),
  constraint jwt_default_group_name_check check (jwt_default_group_name <> ''),
  constraint jwt_admin_roles_check check (
    cardinality(jwt_admin_roles) > 0
    and not jwt_admin_roles && array['', 'anon', 'authenticated']),
  constraint external_flow_state_expiry_duration_check
    check (external_flow_state_expiry_duration >= interval '5 minutes'),
  constraint password_min_length_check check (password_min_length between 6 and 72),
  constraint password_hash_cost_check check (password_hash_cost between 10 and 16),
  constraint mailer_otp_exp_check check (mailer_otp_exp > 0),
  constraint mailer_otp_length_check check (mailer_otp_length between 6 and 10),
  constraint mailer_otp_max_attempts_check check (mailer_otp_max_attempts between 1 and 100),
  constraint mailer_urlpaths_invite_check check (mailer_urlpaths_invite like '/%'),
  constraint mailer_urlpaths_confirmation_check check (mailer_urlpaths_confirmation like '/%'),
  constraint mailer_urlpaths_recovery_check check (mailer_urlpaths_recovery like '/%'),
  constraint mailer_urlpaths_email_change_check check (mailer_urlpaths_email_change like '/%'),
  constraint smtp_max_frequency_check check (smtp_max_frequency >= interval '0'),
  constraint security_refresh_token_reuse_interval_check
    check (security_refresh_token_reuse_interval >= 0),
  constraint sessions_timebox_check check (sessions_timebox > interval '0'),
  constraint sessions_inactivity_timeout_check check (sessions_inactivity_timeout > interval '0')
);

comment on table auth_private.settings is 'The settings, one row. Change it by auth.configure; live at the next call.';
comment on column auth_private.settings.singleton is 'Always true: there is one row.';
comment on column auth_private.settings.site_url is 'The application''s URL: where links lead when no other allowed target is named. A URL with a scheme.';
comment on column auth_private.settings.api_external_url is 'Public base of the API, for the links in mails. An http or https URL.';
comment on column auth_private.settings.uri_allow_list is 'Further allowed redirect targets: globs, with . and / as separators.';
comment on column auth_private.settings.disable_signup is 'Nobody can sign up. true or false.';
comment on column auth_private.settings.audit_log_disable_postgres is 'Write no audit rows. true or false.';
comment on column auth_private.settings.api_max_request_duration is 'A request that takes longer is answered 504. A duration above 0, as 10s; read when the gateway starts.';
comment on column auth_private.settings.cors_allowed_headers is 'Request headers allowed to browsers beyond the usual ones.';
comment on column auth_private.settings.db_schemas is 'Schemas that /rest/v1 serves, the first by default; never auth. PostgREST''s db-schemas.';
comment on column auth_private.settings.jwt_exp is 'Life of an access token in seconds, above 0.';
comment on column auth_private.settings.jwt_aud is 'Audience of new users and their tokens.';
comment on column auth_private.settings.jwt_default_group_name is 'Database role of new users.';
comment on column auth_private.settings.jwt_admin_roles is 'Roles whose tokens may ask for the admin endpoints, at least one; never anon or authenticated. What such a role may call is decided by its grants, as for service_role.';
comment on column auth_private.settings.jwt_issuer is 'Claim iss of access tokens; none when empty.';
comment on column auth_private.settings.external_email_enabled is 'E-mail addresses can sign up and in. true or false.';
comment on column auth_private.settings.external_email_magic_link_enabled is 'Signing in by mailed link or code. true or false.';
comment on column auth_private.settings.external_anonymous_users_enabled is 'Signing in without any address. true or false.';
comment on column auth_private.settings.external_flow_state_expiry_duration is 'How long a PKCE code can be exchanged. A duration of at least 5m.';
comment on column auth_private.settings.password_min_length is 'Shortest password in bytes, 6 to 72.';
comment on column auth_private.settings.password_required_characters is 'Sets of characters, separated by colons (\: for a colon); a password needs one of each.';
comment on column auth_private.settings.password_hash_cost is 'Cost of bcrypt for new passwords, 10 to 16. Not GoTrue''s, which has 10 fixed.';
comment on column auth_private.settings.mailer_autoconfirm is 'New addresses count as confirmed at once. true or false.';
comment on column auth_private.settings.mailer_secure_email_change_enabled is 'A new e-mail address is confirmed from the old one as well. true or false.';
comment on column auth_private.settings.mailer_otp_exp is 'Life of a mailed link or code in seconds, above 0.';
comment on column auth_private.settings.mailer_otp_length is 'Digits of a mailed code, 6 to 10.';
comment on column auth_private.settings.mailer_otp_max_attempts is 'Wrong guesses after which a mailed code is dead, 1 to 100. Not GoTrue''s, which has no such limit.';
comment on column auth_private.settings.mailer_link_confirmation_page is 'Opening a mailed link shows a button and changes nothing until it is pressed, so mail scanners spend no links. true or false; not GoTrue''s.';
comment on column auth_private.settings.mailer_urlpaths_invite is 'Path of invitation links below the host of api_external_url. Begins with /.';
comment on column auth_private.settings.mailer_urlpaths_confirmation is 'Path of confirmation links. Begins with /.';
comment on column auth_private.settings.mailer_urlpaths_recovery is 'Path of recovery and magic links. Begins with /.';
comment on column auth_private.settings.mailer_urlpaths_email_change is 'Path of the links that confirm a new address. Begins with /.';
comment on column auth_private.settings.smtp_max_frequency is 'How long an address waits between mails of one kind. A duration, as 1m; 0 for none.';
comment on column auth_private.settings.security_refresh_token_rotation_enabled is 'A reused refresh token ends its session. true or false.';
comment on column auth_private.settings.security_refresh_token_reuse_interval is 'Seconds after a refresh in which older tokens are still taken, 0 or more.';
comment on column auth_private.settings.security_refresh_token_allow_reuse is 'Older refresh tokens are always taken. true or false.';
comment on column auth_private.settings.security_update_password_require_reauthentication is 'Changing the password in a session older than 24 hours asks for a mailed code. true or false.';
comment on column auth_private.settings.security_update_password_require_current_password is 'Changing the password asks for the current one. true or false.';
comment on column auth_private.settings.sessions_timebox is 'A session ends this long after sign-in. A duration above 0; null for no end.';
comment on column auth_private.settings.sessions_inactivity_timeout is 'A session ends this long after its last refresh. A duration above 0; null for no end.';
comment on column auth_private.settings.sessions_single_per_user is 'Only a user''s newest session can be refreshed. true or false.';
comment on column auth_private.settings.sessions_checked_live is 'A token dies with its session, user or ban at once, not at its expiry. true or false; not GoTrue''s.';

create table auth_private.signing_keys (
  id uuid primary key default gen_random_uuid(),
  kid text,
  alg text not null default 'HS256',
  secret text not null,
  status text not null,
  created_at timestamptz not null default now(),
  constraint signing_keys_alg_check check (alg = 'HS256'),
  constraint signing_keys_status_check
    check (status in ('in_use', 'standby', 'previous', 'revoked')),
  constraint signing_keys_secret_length check (octet_length(secret) >= 32)
);

create unique index signing_keys_in_use_idx on auth_private.signing_keys (status)
  where status = 'in_use';

comment on table auth_private.signing_keys is 'Keys of access tokens. One is in use; standby and previous ones verify too.';
comment on column auth_private.signing_keys.kid is 'The kid in a token''s header; null for none.';
comment on column auth_private.signing_keys.alg is 'The one algorithm that this key is good for (RFC 8725, section 3.1).';
comment on column auth_private.signing_keys.secret is 'HS256: its UTF-8 bytes are the key, at least 32 of them.';

create table auth_private.secrets (
  name text primary key,
  value bytea not null
);

comment on table auth_private.secrets is 'Random values made at install that never leave the database.';
comment on column auth_private.secrets.name is 'otp_pepper: the key under which mailed codes are hashed.';

-- gen_random_uuid() draws 122 bits from the operating system each time.
insert into auth_private.settings default values;
insert into auth_private.signing_keys (kid, secret, status)
  values (
    gen_random_uuid()::text,
    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
    'in_use'
  );
insert into auth_private.secrets (name, value)
  values ('otp_pepper', sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea));

alter table auth_private.settings enable row level security;
alter table auth_private.signing_keys enable row level security;
alter table auth_private.secrets enable row level security;

reset role;
