create or replace function auth_private.require_sms_provider()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from auth_private.settings s where s.sms_provider = '' and not s.hook_send_sms_enabled
  ) then
    perform auth_private.refuse('sms_provider_missing');
  end if;
end
$$;

comment on function auth_private.require_sms_provider is
  'Passes if there is somebody to send an SMS. Refuses: unexpected_failure.';
