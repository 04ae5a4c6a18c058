-- Invites a person, also where sign-up is closed. There is no wait between two
-- invitations: it is an admin who asks, and not whoever knows an address.

create or replace function auth.invite(
  email text default null,
  data jsonb default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  address constant text := auth_private.validate_email(invite.email);
  known constant boolean := (auth_private.find_user(address)).id is not null;
  guest auth.users;
begin
  perform auth_private.check_object('data', invite.data);
  guest := auth_private.invited(address, invite.data);
  perform auth_private.queue_mail('invite', guest, guest.email, 'confirmation_token',
    auth_private.redirect_target(invite.redirect_to));
  return coalesce(
    case when not known then auth_private.after_user_created(guest.id) end,
    auth_private.user_json(guest));
end
$$;

comment on function auth.invite is
  'Mails an invitation, with a link and a code that confirm the address and sign in. Makes the user, with data as user_metadata, where there is none, and returns it. Refuses: email_exists for a confirmed user, email format, and what the hooks about new users refuse. POST /invite.';

grant execute on function auth.invite to service_role;
