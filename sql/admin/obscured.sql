create or replace function auth_private.obscured(id uuid, value text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.base64url(
    sha256(convert_to(obscured.id || coalesce(obscured.value, ''), 'UTF8')))
$$;

comment on function auth_private.obscured is
  'What takes the place of an address in a softly deleted row: base64url of SHA-256 over the id and it.';
