-- The form that browsers check (HTML, section 4.10.5.1.5), in which one label is enough.

create or replace function auth_private.is_email(email text)
returns boolean
language sql immutable strict
set search_path = pg_catalog, pg_temp
as $$
  select email collate "C" ~ (
    '^[a-zA-Z0-9.!#$%&''*+/=?^_`{|}~-]+@'
    || '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
    || '(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$'
  )
$$;

comment on function auth_private.is_email is
  'Whether a text has the form of an e-mail address.';
