create or replace function auth_private.request_phone_change(
  actor auth.users,
  phone text,
  channel text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.cool_down(actor.id::text, 'phone_change', 'sms');
  update auth.users u
  set phone_change = request_phone_change.phone
  where u.id = actor.id
  returning * into strict asked;

  if (select s.sms_autoconfirm from auth_private.settings s) then
    perform auth_private.apply_phone_change(asked);
    perform auth_private.refresh_providers(asked.id);
    return;
  end if;
  perform auth_private.send_phone_change(asked, request_phone_change.channel);
end
$$;

comment on function auth_private.request_phone_change is
  'Notes the number that a user wants and sends it the code that confirms it; applies it at once with sms_autoconfirm. Refuses: over_sms_send_rate_limit.';
