-- One of the links that confirm a new address has been followed. What was spent is gone
-- in both its forms, link and code: else one mail could stand in for two. That newcomers
-- are confirmed without a mail is another matter, and takes no objection from the owner.

create or replace function auth_private.confirm_email_change(
  claimant auth.users,
  kind auth.one_time_token_type
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
begin
  select * into strict settings from auth_private.settings;
  if coalesce(claimant.email_change, '') = '' then
    perform auth_private.refuse('link_expired');
  end if;

  if settings.mailer_secure_email_change_enabled
    and claimant.email_change_confirm_status = 0 and coalesce(claimant.email, '') <> ''
  then
    update auth.users u
    set email_change_confirm_status = 1, updated_at = now()
    where u.id = claimant.id;
    delete from auth.one_time_tokens t
    where t.user_id = claimant.id and t.token_type = confirm_email_change.kind;
    delete from auth_private.one_time_codes c
    where c.user_id = claimant.id and c.token_type = confirm_email_change.kind;
    return false;
  end if;

  perform auth_private.apply_email_change(claimant);
  return true;
end
$$;

comment on function auth_private.confirm_email_change is
  'Applies the change of address, or notes the first of two confirmations and returns false. Refuses: otp_expired where no change is pending.';
