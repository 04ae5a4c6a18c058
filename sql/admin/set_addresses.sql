-- An address that an admin sets is the user's at once. What was mailed to the one before
-- is void, or its owner could still come in.

create or replace function auth_private.set_addresses(
  user_id uuid,
  email text,
  phone text,
  email_verified boolean,
  phone_verified boolean
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  violated text;
begin
  begin
    update auth.users u
    set email = coalesce(set_addresses.email, u.email),
      email_change = case when set_addresses.email is null then u.email_change else '' end,
      phone = coalesce(set_addresses.phone, u.phone),
      phone_change = case when set_addresses.phone is null then u.phone_change else '' end
    where u.id = set_addresses.user_id;
  exception when unique_violation then
    -- Another user has taken it meanwhile. A trigger of the application speaks for itself.
    get stacked diagnostics violated = constraint_name;
    if violated = 'users_email_partial_key' then
      perform auth_private.refuse('email_exists');
    end if;
    if violated = 'users_phone_key' then
      perform auth_private.refuse('phone_exists');
    end if;
    raise;
  end;
  perform auth_private.discard_tokens(set_addresses.user_id);

  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  select
    set_addresses.user_id, set_addresses.user_id,
    '{"email_verified": false, "phone_verified": false}'::jsonb || told.data
      || jsonb_build_object('sub', set_addresses.user_id),
    told.provider, now(), now(), now()
  from (
    values
      ('email', jsonb_build_object(
        'email', set_addresses.email, 'email_verified', set_addresses.email_verified)),
      ('phone', jsonb_build_object(
        'phone', set_addresses.phone, 'phone_verified', set_addresses.phone_verified))
  ) told (provider, data)
  where told.data ->> told.provider <> ''
  on conflict on constraint identities_provider_id_provider_unique do update
  set identity_data = i.identity_data || (excluded.identity_data - case excluded.provider
      when 'email' then 'phone_verified' else 'email_verified' end),
    updated_at = now();
end
$$;

comment on function auth_private.set_addresses is
  'Gives a user these addresses, null for none, in the user and in the identities, and voids what was mailed. Refuses: email_exists, phone_exists where another user has just taken one.';
