create or replace function auth_private.mail_variables(
  kind text,
  recipient auth.users,
  address text,
  token_kind auth.one_time_token_type,
  redirect_to text default null,
  pkce boolean default false
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  secret record;
  variables jsonb;
begin
  perform auth_private.check_recipient(mail_variables.address);
  secret := auth_private.issue_token(recipient.id, token_kind, mail_variables.address, pkce);

  variables := jsonb_build_object('Token', secret.code);
  if mail_variables.kind <> 'reauthentication' then
    variables := variables || jsonb_build_object(
      'TokenHash', secret.token,
      'RedirectTo', mail_variables.redirect_to,
      'ConfirmationURL',
      auth_private.link(mail_variables.kind, secret.token, mail_variables.redirect_to)
    );
  end if;
  if mail_variables.kind = 'email_change' then
    variables := variables || jsonb_build_object(
      'NewEmail', recipient.email_change,
      'SendingTo', mail_variables.address
    );
  end if;
  return variables;
end
$$;

comment on function auth_private.mail_variables is
  'What a mail of this kind says: a fresh code for the purpose, and a link with a fresh token; a reauthentication has no link. Refuses: email_address_not_authorized, email_address_invalid.';
