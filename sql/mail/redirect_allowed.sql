-- An open redirect would hand tokens to whoever writes the link, so a target is refused
-- unless a rule lets it pass. URLs that parsers read differently are refused at once.

create or replace function auth_private.redirect_allowed(url text)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  wanted record;
  site record;
  matched text;
begin
  select * into strict settings from auth_private.settings;
  wanted := auth_private.parse_url(url);
  site := auth_private.parse_url(settings.site_url);
  if wanted.scheme is null or site.scheme is null
    or wanted.scheme in ('javascript', 'data', 'vbscript', 'blob', 'file')
  then
    return false;
  end if;

  if wanted.host = site.host and wanted.scheme = site.scheme
    and (wanted.port = site.port or site.host ~
      '^(localhost|.*\.localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|\[::\])$')
  then
    return true;
  end if;

  -- A host that ends in a number is an IPv4 address to browsers, in whatever form.
  if wanted.host ~ '(^|\.)([0-9]+|0x[0-9a-f]*)\.?$' or wanted.host like '[%' then
    return wanted.host ~ '^127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$' or wanted.host = '[::1]';
  end if;
  if wanted.scheme in ('http', 'https')
    and wanted.host !~ '^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$'
  then
    return false;
  end if;

  -- A wildcard for a part of the host must not match what only looks like one: user:host@
  -- before the real host, or a query right behind it.
  matched := split_part(url, '#', 1);
  if wanted.scheme in ('http', 'https') then
    matched := regexp_replace(matched, '^([^/]*//)[^/?@]*@', '\1');
    matched := regexp_replace(matched, '^([^/]*//[^/?]*)\?', '\1/?');
  end if;
  return exists (
    select
    from unnest(settings.uri_allow_list) pattern
    where matched ~ auth_private.glob_to_regex(pattern)
  );
end
$$;

comment on function auth_private.redirect_allowed is
  'Whether a URL may be redirected to: it shares scheme, host and port with site_url, is a loopback address, or matches uri_allow_list.';
