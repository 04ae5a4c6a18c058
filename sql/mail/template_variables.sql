create or replace function auth_private.template_variables(kind text)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['SiteURL', 'Email', 'Data'] || case template_variables.kind
    when 'reauthentication' then array['Token']
    when 'email_change' then array[
      'ConfirmationURL', 'Token', 'TokenHash', 'RedirectTo', 'NewEmail', 'SendingTo']
    when 'email_changed_notification' then array['OldEmail']
    when 'phone_changed_notification' then array['Phone', 'OldPhone']
    when 'identity_linked_notification' then array['Provider']
    when 'identity_unlinked_notification' then array['Provider']
    when 'mfa_factor_enrolled_notification' then array['FactorType']
    when 'mfa_factor_unenrolled_notification' then array['FactorType']
    when 'password_changed_notification' then '{}'
    else array['ConfirmationURL', 'Token', 'TokenHash', 'RedirectTo']
  end
$$;

comment on function auth_private.template_variables is
  'The variables that mails of this kind have, as GoTrue has them.';
