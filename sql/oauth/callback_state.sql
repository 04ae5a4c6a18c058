-- The first of the two statements of a callback: between them the gateway asks the other site.

create or replace function auth.callback_state(state text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  begun record;
  ours record;
  message text;
  code text;
begin
  begin
    begun := auth_private.spend_state(callback_state.state);
  exception when others then
    if sqlstate not like 'PT%' then
      raise;
    end if;
    get stacked diagnostics message = message_text, code = pg_exception_detail;
    -- Nobody knows where this began, so it ends at home.
    perform auth_private.respond(303, jsonb_build_object('Location',
      auth_private.oauth_error_target((select s.site_url from auth_private.settings s),
        substr(sqlstate, 3)::integer, code, message, false)));
    return null;
  end;

  if (begun.flow).oauth_client_state_id is null then
    return jsonb_build_object('code', begun.code, 'provider', (begun.flow).provider_type);
  end if;
  ours := auth_private.spend_client_state(
    (begun.flow).oauth_client_state_id, (begun.flow).provider_type);
  -- A fault is told when the flow ends, after what the site has said.
  perform auth_private.respond(200);
  return jsonb_strip_nulls(jsonb_build_object(
    'code', begun.code,
    'provider', (begun.flow).provider_type,
    'code_verifier', ours.code_verifier,
    'fault', ours.fault));
end
$$;

comment on function auth.callback_state is
  'Spends the state of a callback: {"code", "provider", "code_verifier"}, of which code ends the flow by auth.callback, with a fault for it where our own part of an exchange by PKCE is lost; or status 303 and a Location at site_url that tells what is wrong. GET and POST /callback.';

grant execute on function auth.callback_state to authenticator;
