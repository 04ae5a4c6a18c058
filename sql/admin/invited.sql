create or replace function auth_private.invited(address text, data jsonb)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  new_id constant uuid := gen_random_uuid();
  guest auth.users := auth_private.find_user(address);
begin
  if guest.id is null then
    perform auth_private.before_user_created(new_id, address, null, invited.data);
    guest := auth_private.insert_user(new_id, null, null, address, null, null, invited.data);
  end if;
  -- Another request for this address has just been faster.
  if guest.id is null then
    guest := auth_private.find_user(address);
  end if;
  -- Or its user belongs to another audience.
  if guest.id is null or guest.email_confirmed_at is not null then
    perform auth_private.refuse('email_exists');
  end if;

  perform auth_private.contest_password(guest.id);
  update auth.users u
  set invited_at = now(), confirmation_sent_at = now(), updated_at = now()
  where u.id = guest.id
  returning u.* into strict guest;
  perform auth_private.audit('user_invited', 'team', auth_private.admin_actor(),
    jsonb_build_object('user_id', guest.id, 'user_email', guest.email));
  return guest;
end
$$;

comment on function auth_private.invited is
  'The user with this address, made with data as user_metadata where there is none, marked as invited. Refuses: email_exists for a confirmed one, and what the hook before_user_created refuses.';
