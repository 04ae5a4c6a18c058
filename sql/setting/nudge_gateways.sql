-- Tells gateways that settings or keys have changed. The notification carries nothing:
-- anyone can send one, so it only ever makes a gateway read again.

create or replace function auth_private.nudge_gateways()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgtrue_gateway', '');
  return null;
end
$$;

comment on function auth_private.nudge_gateways is
  'Trigger function: has every gateway read its configuration again.';

create or replace trigger nudge_gateways
  after update on auth_private.settings
  for each statement execute function auth_private.nudge_gateways();

create or replace trigger nudge_gateways
  after insert or update or delete on auth_private.signing_keys
  for each statement execute function auth_private.nudge_gateways();

create or replace trigger nudge_gateways
  after insert or update or delete on auth_private.providers
  for each statement execute function auth_private.nudge_gateways();

create or replace trigger nudge_gateways
  after insert or update or delete on auth.custom_oauth_providers
  for each statement execute function auth_private.nudge_gateways();
