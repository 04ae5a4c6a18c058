-- Settings for phones, limits, captcha, breached passwords, hooks and mail of one's own, and
-- the tables behind them.

set local role auth_owner;

alter table auth_private.settings
  add column jwt_admin_group_name text not null default 'admin',
  add column external_phone_enabled boolean not null default false,
  add column external_email_authorized_addresses text[] not null default '{}',
  add column sms_autoconfirm boolean not null default false,
  add column sms_max_frequency interval not null default '1 minute',
  add column sms_otp_exp integer not null default 60,
  add column sms_otp_length integer not null default 6,
  add column sms_provider text not null default '',
  add column sms_template text not null default 'Your code is {{ .Code }}',
  add column sms_test_otp text not null default '',
  add column sms_test_otp_valid_until timestamptz,
  add column rate_limit_header text not null default '',
  add column rate_limit_email_sent text default '30',
  add column rate_limit_sms_sent text default '30',
  add column rate_limit_verify numeric not null default 30,
  add column rate_limit_token_refresh numeric not null default 150,
  add column rate_limit_otp numeric not null default 30,
  add column rate_limit_anonymous_users numeric not null default 30,
  add column security_trusted_proxies cidr[] not null default '{}',
  add column security_sb_forwarded_for_enabled boolean not null default false,
  add column security_captcha_enabled boolean not null default false,
  add column security_captcha_provider text not null default 'hcaptcha',
  add column security_captcha_secret text not null default '',
  add column security_captcha_timeout interval not null default '10 seconds',
  add column security_reveal_accounts boolean not null default true,
  add column password_hibp_enabled boolean not null default false,
  add column password_hibp_fail_closed boolean not null default false,
  add column password_hibp_user_agent text not null default 'https://github.com/supabase/gotrue',
  add column sessions_allow_low_aal interval,
  add column sessions_tags text[] not null default '{}',
  add column mailer_subjects_confirmation text not null default '',
  add column mailer_subjects_invite text not null default '',
  add column mailer_subjects_recovery text not null default '',
  add column mailer_subjects_magic_link text not null default '',
  add column mailer_subjects_email_change text not null default '',
  add column mailer_subjects_reauthentication text not null default '',
  add column mailer_subjects_password_changed_notification text not null default '',
  add column mailer_subjects_email_changed_notification text not null default '',
  add column mailer_subjects_phone_changed_notification text not null default '',
  add column mailer_subjects_identity_linked_notification text not null default '',
  add column mailer_subjects_identity_unlinked_notification text not null default '',
  add column mailer_subjects_mfa_factor_enrolled_notification text not null default '',
  add column mailer_subjects_mfa_factor_unenrolled_notification text not null default '',
  add column mailer_templates_confirmation text not null default '',
  add column mailer_templates_invite text not null default '',
  add column mailer_templates_recovery text not null default '',
  add column mailer_templates_magic_link text not null default '',
  add column mailer_templates_email_change text not null default '',
  add column mailer_templates_reauthentication text not null default '',
  add column mailer_templates_password_changed_notification text not null default '',
  add column mailer_templates_email_changed_notification text not null default '',
  add column mailer_templates_phone_changed_notification text not null default '',
  add column mailer_templates_identity_linked_notification text not null default '',
  add column mailer_templates_identity_unlinked_notification text not null default '',
  add column mailer_templates_mfa_factor_enrolled_notification text not null default '',
  add column mailer_templates_mfa_factor_unenrolled_notification text not null default '',
  add column mailer_notifications_password_changed_enabled boolean not null default false,
  add column mailer_notifications_email_changed_enabled boolean not null default false,
  add column mailer_notifications_phone_changed_enabled boolean not null default false,
  add column mailer_notifications_identity_linked_enabled boolean not null default false,
  add column mailer_notifications_identity_unlinked_enabled boolean not null default false,
  add column mailer_notifications_mfa_factor_enrolled_enabled boolean not null default false,
  add column mailer_notifications_mfa_factor_unenrolled_enabled boolean not null default false,
  add column mailer_template_max_size integer not null default 1000000,
  add column mailer_template_max_age interval not null default '10 minutes',
  add column mailer_template_retry_interval interval not null default '10 seconds',
  add column hook_before_user_created_enabled boolean not null default false,
  add column hook_before_user_created_uri text not null default '',
  add column hook_after_user_created_enabled boolean not null default false,
  add column hook_after_user_created_uri text not null default '',
  add column hook_custom_access_token_enabled boolean not null default false,
  add column hook_custom_access_token_uri text not null default '',
  add column hook_send_email_enabled boolean not null default false,
  add column hook_send_email_uri text not null default '',
  add column hook_send_email_secrets text not null default '',
  add column hook_send_sms_enabled boolean not null default false,
  add column hook_send_sms_uri text not null default '',
  add column hook_send_sms_secrets text not null default '',
  add column hook_password_verification_attempt_enabled boolean not null default false,
  add column hook_password_verification_attempt_uri text not null default '',
  add column hook_mfa_verification_attempt_enabled boolean not null default false,
  add column hook_mfa_verification_attempt_uri text not null default '';

alter table auth_private.settings
  add constraint jwt_admin_group_name_check
    check (jwt_admin_group_name not in ('', 'anon', 'authenticated')),
  add constraint sms_max_frequency_check check (sms_max_frequency >= interval '0'),
  add constraint sms_otp_exp_check check (sms_otp_exp > 0),
  add constraint sms_otp_length_check check (sms_otp_length between 6 and 10),
  add constraint sms_provider_check
    check (sms_provider in ('', 'twilio', 'messagebird', 'vonage', 'textlocal')),
  add constraint sms_template_check check (sms_template like '%.Code%'),
  add constraint sms_test_otp_check check (
    replace(sms_test_otp, ' ', '') ~ '^(\+?[0-9]+[:=][0-9]+(,\+?[0-9]+[:=][0-9]+)*)?$'),
  add constraint rate_limit_header_check check (rate_limit_header ~ '^[A-Za-z0-9-]*$'),
  add constraint security_captcha_provider_check
    check (security_captcha_provider in ('hcaptcha', 'turnstile')),
  add constraint security_captcha_timeout_check
    check (security_captcha_timeout > interval '0'),
  add constraint rate_limit_email_sent_check check (rate_limit_email_sent ~ '^[0-9]+(/([0-9]+(\.[0-9]+)?(h|m|s|ms))+)?$'),
  add constraint rate_limit_sms_sent_check check (rate_limit_sms_sent ~ '^[0-9]+(/([0-9]+(\.[0-9]+)?(h|m|s|ms))+)?$'),
  add constraint rate_limit_verify_check check (rate_limit_verify >= 0),
  add constraint rate_limit_token_refresh_check check (rate_limit_token_refresh >= 0),
  add constraint rate_limit_otp_check check (rate_limit_otp >= 0),
  add constraint rate_limit_anonymous_users_check check (rate_limit_anonymous_users >= 0),
  add constraint password_hibp_user_agent_check check (password_hibp_user_agent <> ''),
  add constraint sessions_allow_low_aal_check check (sessions_allow_low_aal > interval '0'),
  add constraint mailer_template_max_size_check check (mailer_template_max_size > 0),
  add constraint mailer_template_max_age_check check (mailer_template_max_age > interval '0'),
  add constraint mailer_template_retry_interval_check check (mailer_template_retry_interval > interval '0'),
  add constraint hook_before_user_created_uri_check check (hook_before_user_created_uri ~ '^(|pg-functions://[^/]*/[a-zA-Z_][a-zA-Z0-9_]{0,62}/[a-zA-Z_][a-zA-Z0-9_]{0,62})$'),
  add constraint hook_after_user_created_uri_check check (hook_after_user_created_uri ~ '^(|pg-functions://[^/]*/[a-zA-Z_][a-zA-Z0-9_]{0,62}/[a-zA-Z_][a-zA-Z0-9_]{0,62})$'),
  add constraint hook_custom_access_token_uri_check check (hook_custom_access_token_uri ~ '^(|pg-functions://[^/]*/[a-zA-Z_][a-zA-Z0-9_]{0,62}/[a-zA-Z_][a-zA-Z0-9_]{0,62})$'),
  add constraint hook_send_email_uri_check check (hook_send_email_uri ~ '^(|pg-functions://[^/]*/[a-zA-Z_][a-zA-Z0-9_]{0,62}/[a-zA-Z_][a-zA-Z0-9_]{0,62}|https://[^/].*|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/.*)?)$'),
  add constraint hook_send_email_secrets_check check (hook_send_email_secrets ~ '^(|v1,whsec_[A-Za-z0-9+/=]+(\|v1,whsec_[A-Za-z0-9+/=]+)*)$'),
  add constraint hook_send_sms_uri_check check (hook_send_sms_uri ~ '^(|pg-functions://[^/]*/[a-zA-Z_][a-zA-Z0-9_]{0,62}/[a-zA-Z_][a-zA-Z0-9_]{0,62}|https://[^/].*|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/.*)?)$'),
  add constraint hook_send_sms_secrets_check check (hook_send_sms_secrets ~ '^(|v1,whsec_[A-Za-z0-9+/=]+(\|v1,whsec_[A-Za-z0-9+/=]+)*)$'),
  add constraint hook_password_verification_attempt_uri_check check (hook_password_verification_attempt_uri ~ '^(|pg-functions://[^/]*/[a-zA-Z_][a-zA-Z0-9_]{0,62}/[a-zA-Z_][a-zA-Z0-9_]{0,62})$'),
  add constraint hook_mfa_verification_attempt_uri_check check (hook_mfa_verification_attempt_uri ~ '^(|pg-functions://[^/]*/[a-zA-Z_][a-zA-Z0-9_]{0,62}/[a-zA-Z_][a-zA-Z0-9_]{0,62})$');

comment on column auth_private.settings.jwt_admin_group_name is 'Role of users who may set their own app_metadata; never anon or authenticated.';
comment on column auth_private.settings.external_phone_enabled is 'Phone numbers can sign up and in. true or false.';
comment on column auth_private.settings.external_email_authorized_addresses is 'Mail goes to these addresses only, compared without a +label; to everybody when empty.';
comment on column auth_private.settings.sms_autoconfirm is 'New phone numbers count as confirmed at once. true or false.';
comment on column auth_private.settings.sms_max_frequency is 'How long a phone number waits between messages of one kind. A duration, as 1m; 0 for none.';
comment on column auth_private.settings.sms_otp_exp is 'Life of a code sent by SMS in seconds, above 0.';
comment on column auth_private.settings.sms_otp_length is 'Digits of a code sent by SMS, 6 to 10.';
comment on column auth_private.settings.sms_provider is 'Who sends SMS: twilio, messagebird, vonage or textlocal; nobody when empty. Their keys are in the worker''s environment. GoTrue''s twilio_verify is not offered: it makes and checks the codes itself.';
comment on column auth_private.settings.sms_template is 'Text of an SMS, with {{ .Code }} for the code.';
comment on column auth_private.settings.sms_test_otp is 'Phone numbers that get no SMS, and the code that each accepts: 15551234567:123456,15557654321:654321.';
comment on column auth_private.settings.sms_test_otp_valid_until is 'When sms_test_otp ends, in RFC 3339; null for never.';
comment on column auth_private.settings.rate_limit_header is 'Header that names the client, as X-Forwarded-For; naming one turns limits per client on. Believed only from security_trusted_proxies; for anybody else the peer''s address counts.';
comment on column auth_private.settings.rate_limit_email_sent is 'Mails that may be sent: a number in an hour, or 10/1m for ten at once and one more every minute; null for any number.';
comment on column auth_private.settings.rate_limit_sms_sent is 'SMS that may be sent: a number in an hour, or 10/1m for ten at once and one more every minute; null for any number.';
comment on column auth_private.settings.rate_limit_verify is 'Verifications per client in five minutes; 0 or more.';
comment on column auth_private.settings.rate_limit_token_refresh is 'Requests for a token (sign-in, refresh, code) per client in five minutes; 0 or more.';
comment on column auth_private.settings.rate_limit_otp is 'Sign-ups, codes, links, recoveries, resends and changes of a user, each, per client in five minutes; 0 or more.';
comment on column auth_private.settings.rate_limit_anonymous_users is 'Anonymous sign-ins per client in an hour; 0 or more.';
comment on column auth_private.settings.security_trusted_proxies is 'Proxies that are believed when they say whom they forward for: addresses or networks, as 10.0.0.0/8. Not GoTrue''s, which believes everybody.';
comment on column auth_private.settings.security_sb_forwarded_for_enabled is 'A trusted proxy names the client in Sb-Forwarded-For. true or false.';
comment on column auth_private.settings.security_captcha_enabled is 'Who asks without a token has to solve a captcha. true or false.';
comment on column auth_private.settings.security_captcha_provider is 'hcaptcha or turnstile.';
comment on column auth_private.settings.security_captcha_secret is 'The secret that the captcha''s provider gave.';
comment on column auth_private.settings.security_captcha_timeout is 'How long the captcha''s provider may take. A duration above 0.';
comment on column auth_private.settings.security_reveal_accounts is 'Answers tell who has an account where clients of GoTrue depend on it. true or false; false is safer. Not GoTrue''s.';
comment on column auth_private.settings.password_hibp_enabled is 'Passwords that leaked anywhere are weak (haveibeenpwned.com, which learns five digits of a hash). true or false.';
comment on column auth_private.settings.password_hibp_fail_closed is 'No new password while haveibeenpwned.com can not be asked. true or false.';
comment on column auth_private.settings.password_hibp_user_agent is 'What haveibeenpwned.com is told who asks.';
comment on column auth_private.settings.sessions_allow_low_aal is 'A session that lacks a second factor which its user has ends this long after sign-in. A duration above 0; null for no end.';
comment on column auth_private.settings.sessions_tags is 'Kinds of sessions; with sessions_single_per_user one of each kind.';
comment on column auth_private.settings.mailer_subjects_confirmation is 'Subject of mails that confirm an address; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_invite is 'Subject of mails that invite; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_recovery is 'Subject of mails that recover an account; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_magic_link is 'Subject of mails that sign in; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_email_change is 'Subject of mails that change an address; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_reauthentication is 'Subject of mails that prove presence; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_password_changed_notification is 'Subject of mails that tell of a new password; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_email_changed_notification is 'Subject of mails that tell of a new e-mail address; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_phone_changed_notification is 'Subject of mails that tell of a new phone number; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_identity_linked_notification is 'Subject of mails that tell of a new way to sign in; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_identity_unlinked_notification is 'Subject of mails that tell of a way to sign in less; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_mfa_factor_enrolled_notification is 'Subject of mails that tell of a new second factor; the built-in when empty.';
comment on column auth_private.settings.mailer_subjects_mfa_factor_unenrolled_notification is 'Subject of mails that tell of a second factor less; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_confirmation is 'URL of the HTML of mails that confirm an address, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_invite is 'URL of the HTML of mails that invite, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_recovery is 'URL of the HTML of mails that recover an account, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_magic_link is 'URL of the HTML of mails that sign in, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_email_change is 'URL of the HTML of mails that change an address, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_reauthentication is 'URL of the HTML of mails that prove presence, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_password_changed_notification is 'URL of the HTML of mails that tell of a new password, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_email_changed_notification is 'URL of the HTML of mails that tell of a new e-mail address, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_phone_changed_notification is 'URL of the HTML of mails that tell of a new phone number, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_identity_linked_notification is 'URL of the HTML of mails that tell of a new way to sign in, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_identity_unlinked_notification is 'URL of the HTML of mails that tell of a way to sign in less, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_mfa_factor_enrolled_notification is 'URL of the HTML of mails that tell of a new second factor, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_templates_mfa_factor_unenrolled_notification is 'URL of the HTML of mails that tell of a second factor less, or a path below site_url; the built-in when empty.';
comment on column auth_private.settings.mailer_notifications_password_changed_enabled is 'Mails tell of a new password. true or false.';
comment on column auth_private.settings.mailer_notifications_email_changed_enabled is 'Mails tell of a new e-mail address. true or false.';
comment on column auth_private.settings.mailer_notifications_phone_changed_enabled is 'Mails tell of a new phone number. true or false.';
comment on column auth_private.settings.mailer_notifications_identity_linked_enabled is 'Mails tell of a new way to sign in. true or false.';
comment on column auth_private.settings.mailer_notifications_identity_unlinked_enabled is 'Mails tell of a way to sign in less. true or false.';
comment on column auth_private.settings.mailer_notifications_mfa_factor_enrolled_enabled is 'Mails tell of a new second factor. true or false.';
comment on column auth_private.settings.mailer_notifications_mfa_factor_unenrolled_enabled is 'Mails tell of a second factor less. true or false.';
comment on column auth_private.settings.mailer_template_max_size is 'Bytes that a template at a URL may have, above 0.';
comment on column auth_private.settings.mailer_template_max_age is 'How long a fetched template is used before it is fetched again. A duration above 0.';
comment on column auth_private.settings.mailer_template_retry_interval is 'How long after a failure a template is fetched again. A duration above 0.';
comment on column auth_private.settings.hook_before_user_created_enabled is 'Whether hook_before_user_created_uri is called before a user is made. true or false.';
comment on column auth_private.settings.hook_before_user_created_uri is 'What is called before a user is made: pg-functions://postgres/schema/function. Not an https URL, as a transaction does not wait for another site: a function decides, and may write down what a program of yours is to do.';
comment on column auth_private.settings.hook_after_user_created_enabled is 'Whether hook_after_user_created_uri is called after a user is made. true or false.';
comment on column auth_private.settings.hook_after_user_created_uri is 'What is called after a user is made: pg-functions://postgres/schema/function. Not an https URL, as a transaction does not wait for another site: a function decides, and may write down what a program of yours is to do.';
comment on column auth_private.settings.hook_custom_access_token_enabled is 'Whether hook_custom_access_token_uri is called for the claims of each access token. true or false.';
comment on column auth_private.settings.hook_custom_access_token_uri is 'What is called for the claims of each access token: pg-functions://postgres/schema/function. Not an https URL, as a transaction does not wait for another site: a function decides, and may write down what a program of yours is to do.';
comment on column auth_private.settings.hook_send_email_enabled is 'Whether hook_send_email_uri is called instead of sending a mail. true or false.';
comment on column auth_private.settings.hook_send_email_uri is 'What is called instead of sending a mail: pg-functions://postgres/schema/function, or an https URL (http only to localhost).';
comment on column auth_private.settings.hook_send_email_secrets is 'Secrets that sign calls of an https hook, as v1,whsec_<base64>, several separated by |.';
comment on column auth_private.settings.hook_send_sms_enabled is 'Whether hook_send_sms_uri is called instead of sending an SMS. true or false.';
comment on column auth_private.settings.hook_send_sms_uri is 'What is called instead of sending an SMS: pg-functions://postgres/schema/function, or an https URL (http only to localhost).';
comment on column auth_private.settings.hook_send_sms_secrets is 'Secrets that sign calls of an https hook, as v1,whsec_<base64>, several separated by |.';
comment on column auth_private.settings.hook_password_verification_attempt_enabled is 'Whether hook_password_verification_attempt_uri is called after a password is compared. true or false.';
comment on column auth_private.settings.hook_password_verification_attempt_uri is 'What is called after a password is compared: pg-functions://postgres/schema/function. Not an https URL, as a transaction does not wait for another site: a function decides, and may write down what a program of yours is to do.';
comment on column auth_private.settings.hook_mfa_verification_attempt_enabled is 'Whether hook_mfa_verification_attempt_uri is called after a second factor is compared. true or false.';
comment on column auth_private.settings.hook_mfa_verification_attempt_uri is 'What is called after a second factor is compared: pg-functions://postgres/schema/function. Not an https URL, as a transaction does not wait for another site: a function decides, and may write down what a program of yours is to do.';

-- Mail.
alter table auth_private.settings
  add column mailer_email_validation_extended boolean not null default false;
comment on column auth_private.settings.mailer_email_validation_extended is
  'No mail goes to addresses that nobody can have: example.com, .test, Gmail names that are too short; asking for one is refused. true or false.';
comment on table auth_private.templates is
  'Your own mail templates, in Go''s template syntax with GoTrue''s variables; set them by auth.set_template. They go before mailer_subjects_* and mailer_templates_*, and those before the built-in: select * from auth_private.builtin_templates().';

alter table auth_private.outbox drop constraint outbox_channel_check;
alter table auth_private.outbox
  add constraint outbox_channel_check check (channel in ('email', 'sms', 'hook'));
comment on table auth_private.outbox is
  'Mail, SMS and calls of https hooks that are still to be sent. A row is deleted once it has been taken; parked rows need a person.';
comment on column auth_private.outbox.channel is
  'email; sms; hook: variables is the body that an https hook is sent, kind its name.';

comment on table auth_private.cooldowns is
  'When an address last asked for a mail or an SMS, whether or not it has a user: so the wait tells nobody who has an account.';
comment on column auth_private.cooldowns.purpose is
  'What shares one wait: signup, recovery, email_change, reauthentication; sms, phone_change.';

create table auth_private.rate_limits (
  bucket text not null,
  client text not null,
  full_at timestamptz not null,
  constraint rate_limits_pkey primary key (bucket, client)
);

create index rate_limits_full_at_idx on auth_private.rate_limits (full_at);

comment on table auth_private.rate_limits is
  'Token buckets. A bucket that is full has no row, or one that may be deleted.';
comment on column auth_private.rate_limits.bucket is 'What is limited: an endpoint, or email_sent and sms_sent for the whole instance.';
comment on column auth_private.rate_limits.client is 'An IPv4 address or the /64 of an IPv6 one; empty for the whole instance.';
comment on column auth_private.rate_limits.full_at is 'When the bucket will be full again if nothing more is taken: the one number that a token bucket needs.';

alter table auth_private.rate_limits enable row level security;

create table auth_private.unproven_passwords (
  user_id uuid not null,
  contested boolean not null default false,
  constraint unproven_passwords_pkey primary key (user_id),
  constraint unproven_passwords_user_id_fkey foreign key (user_id)
    references auth.users (id) on delete cascade
);

comment on table auth_private.unproven_passwords is
  'Users whose password was chosen at a sign-up that nobody has confirmed yet, so by who knows whom.';
comment on column auth_private.unproven_passwords.contested is
  'Whether somebody else has come since, by another way or with another password: then the next proof clears the password.';

alter table auth_private.unproven_passwords enable row level security;

alter table auth_private.rate_limits
  add column taken integer,
  add constraint rate_limits_taken_check check (taken > 0);

comment on column auth_private.rate_limits.taken is
  'How many were taken in the hour that ends at full_at; null for a bucket that refills bit by bit.';

-- Unlogged, since no row outlives its transaction.
create unlogged table auth_private.sends (
  id bigint generated always as identity primary key,
  channel text not null,
  refusable boolean not null,
  constraint sends_channel_check check (channel in ('email', 'sms'))
);

comment on table auth_private.sends is
  'Mails and SMS of transactions that have not ended: counted, and gone, as they commit.';
comment on column auth_private.sends.refusable is
  'Whether the transaction fails where no more may be sent.';

alter table auth_private.sends enable row level security;

drop function auth_private.call;
-- Signing in with other sites: their configuration, and the settings about it.

create table auth_private.providers (
  name text not null,
  enabled boolean not null default false,
  client_id text[] not null default '{}',
  secret text not null default '',
  redirect_uri text not null default '',
  url text not null default '',
  email_optional boolean not null default false,
  skip_nonce_check boolean not null default false,
  constraint providers_pkey primary key (name)
);

insert into auth_private.providers (name)
values ('apple'), ('azure'), ('bitbucket'), ('discord'), ('facebook'), ('figma'), ('fly'),
  ('github'), ('gitlab'), ('google'), ('kakao'), ('keycloak'), ('linkedin'), ('linkedin_oidc'),
  ('notion'), ('slack'), ('slack_oidc'), ('snapchat'), ('spotify'), ('twitch'), ('twitter'),
  ('vercel_marketplace'), ('workos'), ('x'), ('zoom');

comment on table auth_private.providers is
  'The built-in sites to sign in with, a row each, whether in use or not. Change one by auth.configure_provider.';
comment on column auth_private.providers.enabled is 'People can sign in with it. true or false.';
comment on column auth_private.providers.client_id is
  'What the site knows us by. The first is used in redirects, each is accepted as audience of an id_token.';
comment on column auth_private.providers.secret is
  'What the site gave with the client id; may be left to the gateway''s environment. A text.';
comment on column auth_private.providers.redirect_uri is
  'Where the site sends people back to; api_external_url and /callback when empty. An http or https URL.';
comment on column auth_private.providers.url is
  'Replaces the host of the site''s endpoints, as of a GitHub Enterprise; of Keycloak, the realm. An https URL, or http to this machine.';
comment on column auth_private.providers.email_optional is
  'Also people of whom the site tells no e-mail address can sign in. true or false.';
comment on column auth_private.providers.skip_nonce_check is
  'The nonce in an id_token that a client brings is not compared. true or false.';

alter table auth_private.providers enable row level security;

alter table auth_private.settings
  add column external_redirecturl text not null default '',
  add column external_allowed_id_token_issuers text[] not null
    default '{https://appleid.apple.com,https://accounts.google.com}',
  add column external_ios_bundle_id text not null default '',
  add column external_oidc_provider_cache_ttl interval not null default '1 hour',
  add column internal_http_timeout interval not null default '10 seconds',
  add column security_manual_linking_enabled boolean not null default false,
  add column mailer_allow_unverified_email_sign_ins boolean not null default false,
  add column experimental_provider_linking_domains text not null default '',
  add column experimental_providers_with_own_linking_domain text[] not null default '{}',
  add column custom_oauth_enabled boolean not null default true,
  add column custom_oauth_max_providers integer not null default 0,
  add column custom_oauth_external_url text not null default '';

alter table auth_private.settings
  add constraint external_redirecturl_check
    check (external_redirecturl ~ '^(|[a-zA-Z][a-zA-Z0-9+.-]*://.*)$'),
  add constraint external_oidc_provider_cache_ttl_check
    check (external_oidc_provider_cache_ttl > interval '0'),
  add constraint internal_http_timeout_check check (internal_http_timeout > interval '0'),
  add constraint experimental_provider_linking_domains_check check (
    experimental_provider_linking_domains ~ '^ *([a-z0-9_:-]+[:=][^:=,]+(,[a-z0-9_:-]+[:=][^:=,]+)*)?$'),
  add constraint custom_oauth_max_providers_check check (custom_oauth_max_providers >= 0),
  add constraint custom_oauth_external_url_check
    check (custom_oauth_external_url ~ '^(|https?://[^/].*)$');

comment on column auth_private.settings.external_redirecturl is 'Where everybody who comes back from another site is sent, whatever the request asked for. A URL with a scheme; where the request asked when empty.';
comment on column auth_private.settings.external_allowed_id_token_issuers is 'Issuers of id_tokens that are accepted with issuer and client_id instead of provider.';
comment on column auth_private.settings.external_ios_bundle_id is 'One more audience that Apple''s id_tokens may have.';
comment on column auth_private.settings.external_oidc_provider_cache_ttl is 'How long the discovery document of another site is used. A duration above 0; read when the gateway starts.';
comment on column auth_private.settings.internal_http_timeout is 'How long another site may take to answer. A duration above 0; read when the gateway starts.';
comment on column auth_private.settings.security_manual_linking_enabled is 'Users can link and unlink identities themselves. true or false.';
comment on column auth_private.settings.mailer_allow_unverified_email_sign_ins is 'Another site can sign in people whose address nobody has verified. true or false.';
comment on column auth_private.settings.experimental_provider_linking_domains is 'Providers whose identities are linked among themselves only, as google:staff,azure:staff.';
comment on column auth_private.settings.experimental_providers_with_own_linking_domain is 'Providers whose identities are never linked with those of another.';
comment on column auth_private.settings.custom_oauth_enabled is 'Providers of one''s own can be made and used. true or false.';
comment on column auth_private.settings.custom_oauth_max_providers is 'How many providers of one''s own there may be; 0 for any number.';
comment on column auth_private.settings.custom_oauth_external_url is 'Public base of the API for providers of one''s own; api_external_url when empty. An http or https URL.';

-- GoTrue wants https of them all. A site on this machine is for trying things out, and is let in
-- by SQL only: auth.admin_create_custom_provider under the gateway takes no such address.
alter table auth.custom_oauth_providers
  drop constraint custom_oauth_providers_issuer_https,
  drop constraint custom_oauth_providers_discovery_url_https,
  drop constraint custom_oauth_providers_authorization_url_https,
  drop constraint custom_oauth_providers_token_url_https,
  drop constraint custom_oauth_providers_userinfo_url_https,
  drop constraint custom_oauth_providers_jwks_uri_https,
  add constraint custom_oauth_providers_issuer_https
    check (issuer ~ '^(https://|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/|$))'),
  add constraint custom_oauth_providers_discovery_url_https
    check (discovery_url ~ '^(https://|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/|$))' and char_length(discovery_url) <= 2048),
  add constraint custom_oauth_providers_authorization_url_https
    check (authorization_url ~ '^(https://|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/|$))' and char_length(authorization_url) <= 2048),
  add constraint custom_oauth_providers_token_url_https
    check (token_url ~ '^(https://|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/|$))' and char_length(token_url) <= 2048),
  add constraint custom_oauth_providers_userinfo_url_https
    check (userinfo_url ~ '^(https://|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/|$))' and char_length(userinfo_url) <= 2048),
  add constraint custom_oauth_providers_jwks_uri_https
    check (jwks_uri ~ '^(https://|http://(localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(:[0-9]+)?(/|$))' and char_length(jwks_uri) <= 2048);

create table auth_private.user_counts (
  id bigint generated always as identity,
  aud text not null,
  change bigint not null,
  constraint user_counts_pkey primary key (id)
);

comment on table auth_private.user_counts is
  'How many users an audience has: the sum of its rows. Triggers on auth.users add to it, and auth_private.recount_users() mends it.';
comment on column auth_private.user_counts.change is 'How many came with one statement, or went.';

alter table auth_private.user_counts enable row level security;

create unlogged table auth_private.worker_awake (
  singleton boolean not null default true,
  until timestamptz not null,
  constraint worker_awake_pkey primary key (singleton),
  constraint worker_awake_singleton_check check (singleton)
);

comment on table auth_private.worker_awake is
  'Whether a worker looks for mail again and again, so that it needs no nudge. Unlogged: after a crash none does.';
comment on column auth_private.worker_awake.until is 'When that ends.';

alter table auth_private.worker_awake enable row level security;

-- The audit log is read from its end.
create index audit_log_entries_created_at_idx on auth.audit_log_entries (created_at desc, id);

-- Functions whose arguments change.
drop function auth_private.signup_again;
drop function auth_private.check_session;
drop function auth_private.create_user;
drop function auth_private.end_all_access;
drop function auth_private.insert_user;
drop function auth_private.set_password;
drop function auth.signup;
drop function auth.update_user;
drop function auth_private.signup_obfuscated;
drop function auth_private.cool_down;
drop function auth_private.verified;
drop function auth_private.claim_mail;
drop function auth_private.refused;
drop function auth_private.session_json;
drop function auth_private.ask_to_confirm;

-- Functions of /rest/v1 whose arguments or results change, or that go away.
drop function auth_private.rest;
drop function auth_private.rest_plan;
drop function auth_private.rest_select;
drop function auth_private.rest_insert;
drop function auth_private.rest_filter;
drop function auth_private.rest_returning;
drop function auth_private.rest_column;
drop function auth_private.rest_relation;

reset role;

--! include index.sql

-- Those who were there before anybody counted.
set local role auth_owner;
select auth_private.recount_users();
reset role;
