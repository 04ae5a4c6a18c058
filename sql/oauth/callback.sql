-- The second of the two statements of a callback: what follows from what the other site has said.
-- It ends in a redirect, since a person is looking. What is refused is undone, unless it has to be
-- remembered, and told to the application in the URL. The flow is over in any case.

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
  message text;
  detail text;
begin
  select * into flow
  from auth.flow_state f
  where f.auth_code = auth_private.sha256_hex(callback.code) and f.user_id is null
  for update;
  if not found then
    perform auth_private.refuse('oauth_state_used');
  end if;
  select coalesce(nullif(s.external_redirecturl, ''), nullif(flow.referrer, ''), s.site_url)
  into target
  from auth_private.settings s;

  if refusal is null then
    begin
      ended := auth_private.end_oauth(flow, callback.code, callback.profile,
        callback.provider_token, callback.provider_refresh_token, target);
      refusal := ended.refusal;
    exception when others then
      get stacked diagnostics message = message_text, detail = pg_exception_detail;
      if sqlstate not like 'PT%' and sqlstate not in (
        'P0001', '23000', '23001', '23502', '23503', '23505', '23514', '23P01')
      then
        raise;
      end if;
      refusal := jsonb_build_object('msg', message,
        'code', case when sqlstate like 'PT%' then substr(sqlstate, 3)::integer else 500 end,
        'error_code', case when sqlstate like 'PT%' then detail else 'unexpected_failure' end);
    end;
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
  'Ends a sign-in with another site, by the code of auth.callback_state and the verified profile {"subject", "emails": [{"email", "verified", "primary"}], "data"}, or the fault {"code", "error_code", "msg"} that kept the gateway from getting one: status 302 and a Location with the session in its fragment, with a code to exchange for a PKCE flow, or with error, error_code and error_description. GET and POST /callback.';

grant execute on function auth.callback to authenticator;
