-- Hands a mail to the application instead of the mail server.

create or replace function auth_private.hook_email(
  kind text,
  recipient auth.users,
  address text,
  data jsonb
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.hook_send('send_email', recipient, address, jsonb_build_object(
    'user', auth_private.user_json(recipient),
    'email_data', jsonb_build_object(
      'token', '',
      'token_hash', '',
      'redirect_to', auth_private.redirect_target(null),
      'email_action_type', case hook_email.kind
        when 'confirmation' then 'signup'
        when 'magic_link' then 'magiclink'
        else hook_email.kind
      end,
      'site_url', s.api_external_url,
      'token_new', '',
      'token_hash_new', '',
      'old_email', '',
      'old_phone', '',
      'provider', '',
      'factor_type', ''
    ) || jsonb_strip_nulls(data)))
  from auth_private.settings s
$$;

comment on function auth_private.hook_email is
  'Gives a mail of this kind to the hook send_email: the user, and email_data with all its keys. Refuses what the hook refuses.';
