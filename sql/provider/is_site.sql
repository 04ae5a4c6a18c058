-- Whatever is sent to another site, secrets and codes, is sent encrypted. A site on this machine
-- needs that less, and is where people try things out.

create or replace function auth_private.is_site(url text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(parsed.scheme = 'https' and parsed.host <> ''
    or parsed.scheme = 'http'
      and parsed.host in ('localhost', '127.0.0.1', '[::1]', 'host.docker.internal'), false)
    and char_length(is_site.url) <= 2048
  from auth_private.parse_url(is_site.url) parsed
$$;

comment on function auth_private.is_site is
  'Whether another site may be reached at this URL: by https, or by http on this machine.';
