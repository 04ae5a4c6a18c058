--! Previous: sha1:0c0bca02778f42248a8ab8bee1a2dd55fcf97166
--! Hash: sha1:2c8fcd4526eba1adc0a6ecae0acf12bc3f4c202d
--! Message: users

-- Users, the ways they sign in, and the links mailed to them: GoTrue's tables with
-- GoTrue's columns in GoTrue's order, so that foreign keys, triggers and data dumps
-- keep working. Nullability is GoTrue's too.

set local role auth_owner;

create table auth.users (
  instance_id uuid,
  id uuid not null,
  aud character varying(255),
  role character varying(255),
  email character varying(255),
  encrypted_password character varying(255),
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_token character varying(255),
  confirmation_sent_at timestamptz,
  recovery_token character varying(255),
  recovery_sent_at timestamptz,
  email_change_token_new character varying(255),
  email_change character varying(255),
  email_change_sent_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  is_super_admin boolean,
  created_at timestamptz,
  updated_at timestamptz,
  phone text default null,
  phone_confirmed_at timestamptz,
  phone_change text default '',
  phone_change_token character varying(255) default '',
  phone_change_sent_at timestamptz,
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current character varying(255) default '',
  email_change_confirm_status smallint default 0,
  banned_until timestamptz,
  reauthentication_token character varying(255) default '',
  reauthentication_sent_at timestamptz,
  is_sso_user boolean not null default false,
  deleted_at timestamptz,
  is_anonymous boolean not null default false,
  constraint users_pkey primary key (id),
  constraint users_phone_key unique (phone),
  constraint users_email_change_confirm_status_check
    check (email_change_confirm_status between 0 and 2)
);

create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;
create unique index confirmation_token_idx on auth.users (confirmation_token)
  where confirmation_token !~ '^[0-9 ]*$';
create unique index recovery_token_idx on auth.users (recovery_token)
  where recovery_token !~ '^[0-9 ]*$';
create unique index email_change_token_current_idx on auth.users (email_change_token_current)
  where email_change_token_current !~ '^[0-9 ]*$';
create unique index email_change_token_new_idx on auth.users (email_change_token_new)
  where email_change_token_new !~ '^[0-9 ]*$';
create unique index reauthentication_token_idx on auth.users (reauthentication_token)
  where reauthentication_token !~ '^[0-9 ]*$';
create index users_instance_id_idx on auth.users (instance_id);
create index users_instance_id_email_idx on auth.users (instance_id, lower(email::text));
create index users_is_anonymous_idx on auth.users (is_anonymous);
create index idx_users_created_at_desc on auth.users (created_at desc);

comment on table auth.users is 'A person, or a program, that can sign in.';
comment on column auth.users.instance_id is 'The nil UUID; GoTrue filters on it.';
comment on column auth.users.aud is 'Audience of the user''s tokens.';
comment on column auth.users.role is 'Database role that the user''s requests run as.';
comment on column auth.users.email is 'Lower case; null for none.';
comment on column auth.users.encrypted_password is 'bcrypt hash; null or empty where no password is set.';
comment on column auth.users.confirmation_token is 'GoTrue''s; here links live in one_time_tokens, codes in auth_private.one_time_codes.';
comment on column auth.users.raw_app_meta_data is 'What the application says of the user; only admins write it.';
comment on column auth.users.raw_user_meta_data is 'What users say of themselves; grants nothing.';
comment on column auth.users.email_change is 'The new address while it awaits confirmation.';
comment on column auth.users.email_change_confirm_status is '1 once one of two addresses has confirmed.';
comment on column auth.users.banned_until is 'Refused everywhere until then.';
comment on column auth.users.deleted_at is 'Set by a soft delete, which also empties the row.';

create table auth.identities (
  provider_id text not null,
  user_id uuid not null,
  identity_data jsonb not null,
  provider text not null,
  last_sign_in_at timestamptz,
  created_at timestamptz,
  updated_at timestamptz,
  email text generated always as (lower(identity_data ->> 'email')) stored,
  id uuid not null default gen_random_uuid(),
  constraint identities_pkey primary key (id),
  constraint identities_provider_id_provider_unique unique (provider_id, provider),
  constraint identities_user_id_fkey foreign key (user_id)
    references auth.users (id) on delete cascade
);

create index identities_user_id_idx on auth.identities (user_id);
create index identities_email_idx on auth.identities (email text_pattern_ops);

comment on table auth.identities is 'One way a user signs in: email, or an account at another site.';
comment on column auth.identities.provider_id is 'The user''s id at the provider; for email the user id.';
comment on column auth.identities.identity_data is 'The profile as the provider gave it.';

create table auth.one_time_tokens (
  id uuid not null,
  user_id uuid not null,
  token_type auth.one_time_token_type not null,
  token_hash text not null,
  relates_to text not null,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now(),
  constraint one_time_tokens_pkey primary key (id),
  constraint one_time_tokens_user_id_fkey foreign key (user_id)
    references auth.users (id) on delete cascade,
  constraint one_time_tokens_token_hash_check check (char_length(token_hash) > 0)
);

create unique index one_time_tokens_user_id_token_type_key
  on auth.one_time_tokens (user_id, token_type);
create index one_time_tokens_token_hash_hash_idx on auth.one_time_tokens using hash (token_hash);
create index one_time_tokens_relates_to_hash_idx on auth.one_time_tokens using hash (relates_to);

comment on table auth.one_time_tokens is 'Mailed links that have not been followed yet.';
comment on column auth.one_time_tokens.token_hash is 'sha256 in hex of the token in the link; the token itself is kept nowhere.';
comment on column auth.one_time_tokens.relates_to is 'The address it was sent to.';

create table auth_private.one_time_codes (
  user_id uuid not null,
  token_type auth.one_time_token_type not null,
  code_hash bytea not null,
  relates_to text not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  constraint one_time_codes_pkey primary key (user_id, token_type),
  constraint one_time_codes_user_id_fkey foreign key (user_id)
    references auth.users (id) on delete cascade
);

create index one_time_codes_relates_to_idx on auth_private.one_time_codes (relates_to);

comment on table auth_private.one_time_codes is
  'The codes to type that were mailed beside the links. Apart from the link''s token, since six digits need a cap on attempts.';
comment on column auth_private.one_time_codes.code_hash is 'HMAC-SHA256 over address and code, under the pepper of this database.';
comment on column auth_private.one_time_codes.relates_to is 'The address it was sent to.';
comment on column auth_private.one_time_codes.attempts is 'Wrong guesses so far; at the cap the code is dead.';

create table auth_private.cooldowns (
  address_hash bytea not null,
  purpose text not null,
  sent_at timestamptz not null default now(),
  constraint cooldowns_pkey primary key (address_hash, purpose)
);

create index cooldowns_sent_at_idx on auth_private.cooldowns (sent_at);

comment on table auth_private.cooldowns is
  'When an address last asked for a mail, whether or not it has a user: so the wait tells nobody who has an account.';
comment on column auth_private.cooldowns.address_hash is 'sha256 of the address, so that typos are not kept as a list of addresses; of the user id where a session asks.';
comment on column auth_private.cooldowns.purpose is 'signup, recovery, email_change or reauthentication: mails that share one wait.';

alter table auth.users enable row level security;
alter table auth.identities enable row level security;
alter table auth.one_time_tokens enable row level security;
alter table auth_private.one_time_codes enable row level security;
alter table auth_private.cooldowns enable row level security;

reset role;
