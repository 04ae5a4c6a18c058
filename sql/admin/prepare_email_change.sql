-- A link for one change of address must not confirm another, so the links for an address
-- that was wanted before are void.

create or replace function auth_private.prepare_email_change(
  claimant auth.users,
  new_email text,
  type text
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant text := auth_private.validate_email(prepare_email_change.new_email);
  changing auth.users;
begin
  if prepare_email_change.type = 'email_change_current'
    and not (select s.mailer_secure_email_change_enabled from auth_private.settings s)
  then
    perform auth_private.refuse('secure_email_change_off');
  end if;
  perform auth_private.check_addresses_free(wanted, null);

  update auth.users u
  set email_change = wanted, email_change_confirm_status = 0
  where u.id = claimant.id
  returning u.* into strict changing;
  delete from auth.one_time_tokens t
  where t.user_id = claimant.id
    and t.token_type = any (auth_private.token_kinds('email_change'))
    and claimant.email_change is distinct from wanted;
  delete from auth_private.one_time_codes c
  where c.user_id = claimant.id
    and c.token_type = any (auth_private.token_kinds('email_change'))
    and claimant.email_change is distinct from wanted;
  return changing;
end
$$;

comment on function auth_private.prepare_email_change is
  'The user with a new address that awaits confirmation. Refuses: email_exists, email format, validation_failed for email_change_current where the settings do not ask the present address.';
