create or replace function auth_private.link_kinds()
returns table (type text, kind text, token_kind auth.one_time_token_type, sent text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('signup', 'confirmation', 'confirmation_token'::auth.one_time_token_type, 'confirmation'),
    ('invite', 'invite', 'confirmation_token', 'confirmation'),
    ('magiclink', 'magic_link', 'recovery_token', 'recovery'),
    ('recovery', 'recovery', 'recovery_token', 'recovery'),
    ('email_change_current', 'email_change', 'email_change_token_current', 'email_change'),
    ('email_change_new', 'email_change', 'email_change_token_new', 'email_change')
$$;

comment on function auth_private.link_kinds is
  'The types of auth.admin_generate_link: which mail, which token, and which of the user''s …_sent_at.';
