-- Mails a link that signs in, to set a new password. An unknown address gets the same
-- answer, waits as long before the next, and costs the same writes.

create or replace function auth.recover(
  email text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(recover.redirect_to);
  address text;
  claimant auth.users;
begin
  if not (select s.external_email_enabled from auth_private.settings s) then
    perform auth_private.refuse('recover_disabled');
  end if;
  if coalesce(recover.email, '') = '' then
    perform auth_private.refuse('recover_without_email');
  end if;
  perform auth_private.check_code_challenge(recover.code_challenge, recover.code_challenge_method);
  address := auth_private.validate_email(recover.email);

  perform auth_private.cool_down(address, 'recovery');
  claimant := auth_private.find_user(address);
  if claimant.id is null then
    perform auth_private.send_decoy(address);
    return '{}';
  end if;

  perform auth_private.audit('user_recovery_requested', 'user', claimant);
  perform auth_private.send_mail('recovery', claimant, target,
    auth_private.open_flow(claimant.id, 'recovery', recover.code_challenge,
      recover.code_challenge_method));
  return '{}';
end
$$;

comment on function auth.recover is
  'Mails a link and a code that sign in, to set a new password. Returns {}, also for an unknown address. Refuses: email format, over_email_send_rate_limit. POST /recover.';

grant execute on function auth.recover to anon, authenticated, service_role;
