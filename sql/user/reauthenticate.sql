-- Sends a code that proves, in a session of any age, that its owner is still there. It is
-- the nonce of auth.update_user.

create or replace function auth.reauthenticate()
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  if coalesce(actor.email, '') = '' and coalesce(actor.phone, '') = '' then
    perform auth_private.refuse('reauthentication_without_address');
  end if;
  if coalesce(actor.email, '') = '' then
    if actor.phone_confirmed_at is null then
      perform auth_private.refuse('reauthentication_phone_unconfirmed');
    end if;
    perform auth_private.cool_down(actor.id::text, 'reauthentication', 'sms');
    perform auth_private.audit('user_reauthenticate_requested', 'user', actor);
    return auth_private.send_sms(actor, actor.phone, 'reauthentication_token');
  end if;
  if actor.email_confirmed_at is null then
    perform auth_private.refuse('reauthentication_unconfirmed');
  end if;

  perform auth_private.cool_down(actor.id::text, 'reauthentication');
  perform auth_private.audit('user_reauthenticate_requested', 'user', actor);
  perform auth_private.queue_mail('reauthentication', actor, actor.email,
    'reauthentication_token');
  update auth.users u set reauthentication_sent_at = now(), updated_at = now()
  where u.id = actor.id;
  return '{}';
end
$$;

comment on function auth.reauthenticate is
  'Sends the user of the request a code to give as nonce when setting a password: by mail, or by SMS where there is no e-mail address. Returns {}. Refuses: email_not_confirmed, phone_not_confirmed, over_email_send_rate_limit, over_sms_send_rate_limit. GET /reauthenticate.';

grant execute on function auth.reauthenticate to authenticated, service_role;
