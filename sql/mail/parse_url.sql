create or replace function auth_private.parse_url(
  url text,
  out scheme text,
  out host text,
  out port text
)
returns record
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  parts text[];
begin
  -- Control characters, white space and backslashes are read differently by browsers.
  if url is null or url ~ '[\x01-\x20\x7f\\]' then
    return;
  end if;

  parts := regexp_match(url,
    '^([a-zA-Z][a-zA-Z0-9+.-]*)://(?:[^/?#@]*@)?(\[[0-9a-fA-F:.]+\]|[^/?#@:\[\]]*)(?::([0-9]*))?(?:[/?#].*)?$');
  scheme := lower(parts[1]);
  host := lower(parts[2]);
  port := coalesce(parts[3], '');
end
$$;

comment on function auth_private.parse_url is
  'Scheme, host and port of an absolute URL (RFC 3986), in lower case, the port as written; nulls for anything else.';
