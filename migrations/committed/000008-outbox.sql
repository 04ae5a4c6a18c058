--! Previous: sha1:091c50046f7f5fe03df11c644775c435b2fe24e7
--! Hash: sha1:9090ff91f68ab78de6fb0853622dc9b4cd452e53
--! Message: outbox

-- Mail that is still to be sent, and the templates it is made from.

set local role auth_owner;

create table auth_private.outbox (
  id bigint generated always as identity primary key,
  channel text not null default 'email',
  kind text not null,
  user_id uuid,
  recipient text not null,
  locale text not null default '',
  variables jsonb not null default '{}',
  created_at timestamptz not null default now(),
  next_attempt_at timestamptz not null default now(),
  attempts integer not null default 0,
  leased_until timestamptz,
  last_error text,
  parked_at timestamptz,
  constraint outbox_channel_check check (channel = 'email'),
  constraint outbox_user_id_fkey foreign key (user_id)
    references auth.users (id) on delete cascade
);

create index outbox_due_idx on auth_private.outbox (next_attempt_at) where parked_at is null;
create index outbox_user_id_idx on auth_private.outbox (user_id);

comment on table auth_private.outbox is
  'Mail not yet sent. A row is deleted once the mail server has taken the mail; parked rows need a person.';
comment on column auth_private.outbox.kind is
  'The template. decoy: sent to nobody, queued where an unknown address asked, so that both take the same work.';
comment on column auth_private.outbox.user_id is 'Whom it is about; null for a decoy.';
comment on column auth_private.outbox.locale is 'Language of the template; empty for any.';
comment on column auth_private.outbox.variables is 'GoTrue''s template variables. They hold the link, so they go with the row.';
comment on column auth_private.outbox.attempts is 'How often it was claimed; also the fence by which a late worker is told from the present one.';
comment on column auth_private.outbox.leased_until is 'A worker has it until then; null while none has.';
comment on column auth_private.outbox.last_error is 'Why the last attempt failed; null if none has.';
comment on column auth_private.outbox.parked_at is 'When it was given up; null while it is still tried.';

create table auth_private.templates (
  kind text not null,
  locale text not null default '',
  subject text not null,
  html text not null,
  text text,
  constraint templates_pkey primary key (kind, locale)
);

comment on table auth_private.templates is
  'Your own mail templates, in Go''s template syntax with GoTrue''s variables. Without a row the built-in is used: select * from auth_private.builtin_templates().';
comment on column auth_private.templates.locale is 'Language; empty for every one without a row of its own.';
comment on column auth_private.templates.text is 'The plain part; null to have it made from html.';

alter table auth_private.outbox enable row level security;
alter table auth_private.templates enable row level security;

reset role;
