-- Makes the link of a mail without sending it, for applications that write to their users
-- themselves. Whoever holds it can sign in as the user.

create or replace function auth.admin_generate_link(
  type text default null,
  email text default null,
  new_email text default null,
  password text default null,
  data jsonb default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(admin_generate_link.redirect_to);
  purpose text := coalesce(admin_generate_link.type, '');
  address text;
  claimant auth.users;
  known boolean;
  mail record;
  secret record;
begin
  perform auth_private.check_object('data', admin_generate_link.data);
  address := auth_private.validate_email(admin_generate_link.email);
  claimant := auth_private.find_user(address);
  known := claimant.id is not null;

  if claimant.id is null and purpose = 'magiclink' then
    purpose := 'signup';
    claimant := auth_private.signed_up_by_link(address, null, admin_generate_link.data);
  elsif purpose = 'signup' then
    claimant := auth_private.signed_up_by_link(
      address, coalesce(admin_generate_link.password, ''), admin_generate_link.data);
  elsif purpose = 'invite' then
    claimant := auth_private.invited(address, admin_generate_link.data);
  elsif purpose not in ('magiclink', 'recovery', 'email_change_current', 'email_change_new') then
    perform auth_private.refuse('link_type_unknown', array[purpose]);
  elsif claimant.id is null then
    perform auth_private.refuse('link_user_not_found');
  elsif purpose in ('magiclink', 'recovery') then
    perform auth_private.audit('user_recovery_requested', 'user', claimant);
  else
    claimant := auth_private.prepare_email_change(
      claimant, admin_generate_link.new_email, purpose);
  end if;

  select * into strict mail from auth_private.link_kinds() k where k.type = purpose;
  secret := auth_private.issue_token(claimant.id, mail.token_kind,
    case purpose when 'email_change_new' then claimant.email_change else claimant.email end);
  update auth.users u
  set confirmation_sent_at = case mail.sent when 'confirmation' then now()
      else u.confirmation_sent_at end,
    recovery_sent_at = case mail.sent when 'recovery' then now() else u.recovery_sent_at end,
    email_change_sent_at = case mail.sent when 'email_change' then now()
      else u.email_change_sent_at end,
    updated_at = now()
  where u.id = claimant.id
  returning u.* into strict claimant;

  return coalesce(
    case when not known then auth_private.after_user_created(claimant.id) end,
    auth_private.user_json(claimant) || jsonb_build_object(
      'action_link', auth_private.link(mail.kind, secret.token, target),
      'email_otp', secret.code,
      'hashed_token', secret.token,
      'verification_type', purpose,
      'redirect_to', target
    ));
end
$$;

comment on function auth.admin_generate_link is
  'Makes what would be mailed and sends nothing. type: signup (a password for a new user), invite, magiclink (signup for a new user), recovery, email_change_current, email_change_new (both with new_email). Returns the user with action_link, email_otp (the code), hashed_token (token_hash for auth.verify), verification_type and redirect_to. Refuses: email_exists, user_not_found, weak_password, validation_failed, and what the hooks about new users refuse. POST /admin/generate_link.';

grant execute on function auth.admin_generate_link to service_role;
