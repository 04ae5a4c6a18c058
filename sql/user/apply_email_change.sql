create or replace function auth_private.apply_email_change(claimant auth.users)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  changed auth.users;
begin
  perform auth_private.audit('user_modified', 'user', claimant);

  -- The index decides between two users who want one address.
  begin
    update auth.users u
    set email = claimant.email_change,
      email_change = '',
      email_change_confirm_status = 0,
      email_confirmed_at = coalesce(u.email_confirmed_at, now()),
      is_anonymous = false,
      updated_at = now()
    where u.id = claimant.id
    returning u.* into strict changed;
  exception when unique_violation then
    perform auth_private.refuse('email_change_taken');
  end;

  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (
    claimant.id, claimant.id, jsonb_build_object('sub', claimant.id,
      'email', claimant.email_change, 'email_verified', true, 'phone_verified', false),
    'email', now(), now(), now()
  )
  on conflict on constraint identities_provider_id_provider_unique do update
  set identity_data = i.identity_data
      || jsonb_build_object('email', claimant.email_change, 'email_verified', true),
    updated_at = now();
  -- To the old address, whose owner may be the one who has been robbed.
  perform auth_private.notify('email_changed_notification', changed, claimant.email,
    jsonb_build_object('OldEmail', claimant.email));
end
$$;

comment on function auth_private.apply_email_change is
  'Makes the pending address the user''s, in the user and in the e-mail identity. Refuses: unexpected_failure where another user has taken it meanwhile.';
