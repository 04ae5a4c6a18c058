-- What a request has to pass before its function is called: the captcha and the limit of
-- its client. A refusal is returned, since the limit counts refused requests, too.

create or replace function auth_private.gate(bucket text, args jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- GoTrue's order: there, what the captcha stops is not counted.
  captcha_first constant boolean := gate.bucket in ('', 'signup', 'token');
  captcha constant jsonb := gate.request -> 'captcha';
  refusal jsonb;
  wait interval;
begin
  if captcha_first then
    refusal := auth_private.captcha_fault(captcha);
  end if;
  if refusal is not null then
    return refusal;
  end if;
  if gate.bucket <> '' then
    perform set_config(
      'request.remote_addr', coalesce(gate.request ->> 'remote_addr', ''), true);
    wait := auth_private.take_request(gate.bucket, gate.args);
  end if;
  if wait is not null then
    refusal := auth_private.refused('over_request_rate_limit');
    perform auth_private.respond(429, jsonb_build_object(
      'retry-after', greatest(1, ceil(extract(epoch from wait)))::integer));
    return refusal;
  end if;
  return case when not captcha_first then auth_private.captcha_fault(captcha) end;
end
$$;

comment on function auth_private.gate is
  'Counts a request against the limit that its route names (empty: none) and looks at its captcha. Returns null, or the refusal: over_request_rate_limit with Retry-After, captcha_failed, unexpected_failure.';

grant execute on function auth_private.gate to authenticator;
