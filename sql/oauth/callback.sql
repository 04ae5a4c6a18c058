-- The second of the two statements of a callback: what follows from what the other site has said.
-- It ends in a redirect, since a person is looking. What is refused and has to be remembered is
-- told to the application in the URL; what is raised is undone, and then the gateway comes again
-- with it as a fault. The flow is over in any case.

create or replace function auth.callback(
  code text default null,
  profile jsonb default null,
  provider_token text default null,
  provider_refresh_token text default null,
  fault jsonb default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  flow auth.flow_state;
  refusal jsonb := callback.fault;
  target text;
  ended record;
begin
  select * into flow
  from auth.flow_state f
  where f.auth_code = auth_private.sha256_hex(callback.code) and f.user_id is null
  for update;
  if not found then
    refusal := auth_private.refused('oauth_state_used');
    perform auth_private.respond(303, jsonb_build_object('Location',
      auth_private.oauth_error_target((select s.site_url from auth_private.settings s),
        (refusal ->> 'code')::integer, refusal ->> 'error_code', refusal ->> 'msg', false)));
    return;
  end if;
  select coalesce(nullif(s.external_redirecturl, ''), nullif(flow.referrer, ''), s.site_url)
  into target
  from auth_private.settings s;

  if refusal is null then
    ended := auth_private.end_oauth(flow, callback.code, callback.profile,
      callback.provider_token, callback.provider_refresh_token, target);
    refusal := ended.refusal;
  end if;

  if refusal is not null then
    delete from auth.flow_state f where f.id = flow.id;
    perform auth_private.respond(302, jsonb_build_object('Location', case
      when refusal ? 'error' then auth_private.url_with(target, refusal, refusal || '{"sb": ""}')
      else auth_private.oauth_error_target(target, (refusal ->> 'code')::integer,
        refusal ->> 'error_code', refusal ->> 'msg', true) end));
    return;
  end if;
  perform auth_private.respond(302, jsonb_build_object('Location', ended.destination));
end
$$;

comment on function auth.callback is
  'Ends a sign-in with another site, by the code of auth.callback_state and the verified profile {"subject", "emails": [{"email", "verified", "primary"}], "data"}, or the fault {"code", "error_code", "msg"} that kept the gateway from getting one, or this function from ending the flow with it: status 302 and a Location with the session in its fragment, with a code to exchange for a PKCE flow, or with error, error_code and error_description. GET and POST /callback.';

grant execute on function auth.callback to authenticator;
