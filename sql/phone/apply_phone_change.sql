-- What was sent to the number before is void, or its next owner could come in.

create or replace function auth_private.apply_phone_change(claimant auth.users)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  changed auth.users;
  violated text;
begin
  perform auth_private.audit('user_modified', 'user', claimant);

  -- The index decides between two users who want one number.
  begin
    update auth.users u
    set phone = claimant.phone_change,
      phone_change = '',
      phone_confirmed_at = now(),
      is_anonymous = false,
      updated_at = now()
    where u.id = claimant.id
    returning * into strict changed;
  exception when unique_violation then
    get stacked diagnostics violated = constraint_name;
    if violated = 'users_phone_key' then
      perform auth_private.refuse('phone_change_taken');
    end if;
    raise;
  end;
  perform auth_private.discard_tokens(claimant.id);

  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (
    claimant.id, claimant.id, jsonb_build_object('sub', claimant.id,
      'phone', claimant.phone_change, 'phone_verified', true, 'email_verified', false),
    'phone', now(), now(), now()
  )
  on conflict on constraint identities_provider_id_provider_unique do update
  set identity_data = i.identity_data
      || jsonb_build_object('phone', claimant.phone_change, 'phone_verified', true),
    updated_at = now();
  if claimant.phone <> '' then
    perform auth_private.notify('phone_changed_notification', changed, changed.email,
      jsonb_build_object('Phone', changed.phone, 'OldPhone', claimant.phone));
  end if;
end
$$;

comment on function auth_private.apply_phone_change is
  'Makes the pending number the user''s, in the user and in the phone identity, and voids what was sent. Refuses: unexpected_failure where another user has taken it meanwhile.';
