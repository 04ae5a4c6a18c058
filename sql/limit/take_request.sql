-- Counts a request against its client's limit. Anonymous sign-ins have a bucket of their own
-- although they come by the same road; those that are not allowed anyway are not counted.

create or replace function auth_private.take_request(bucket text, args jsonb)
returns interval
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  taken_from text := take_request.bucket;
  allowed record;
begin
  select * into strict settings from auth_private.settings;

  if settings.rate_limit_header = '' and not settings.security_sb_forwarded_for_enabled then
    return null;
  end if;
  if taken_from = 'signup' and coalesce(args ->> 'email', '') = ''
    and coalesce(args ->> 'phone', '') = ''
  then
    if not settings.external_anonymous_users_enabled then
      return null;
    end if;
    taken_from := 'anonymous';
  end if;

  select * into allowed from auth_private.request_limit(taken_from);
  return auth_private.take_from_bucket(taken_from,
    auth_private.limit_key(auth_private.client_ip()), allowed.pace, allowed.burst);
end
$$;

comment on function auth_private.take_request is
  'Counts the request against the limit that its route names, if clients are limited at all. Returns null, or how long to wait where there is nothing left.';
