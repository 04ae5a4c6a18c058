-- Whoever has no password, a hash that is not bcrypt or a password that bcrypt would
-- cut costs as much time as a wrong password, so the answer's delay tells nothing.

create or replace function auth_private.password_matches(password text, hash text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- $2b$ and $2y$ are other programs' names for what pgcrypto calls $2a$.
  bcrypt text := regexp_replace(hash, '^\$2[by]\$', '$2a$');
begin
  if bcrypt ~ '^\$2a\$[0-9]{2}\$[./A-Za-z0-9]{53}$' and octet_length(password) <= 72 then
    return auth_private.bcrypt(password, bcrypt) = bcrypt;
  end if;

  perform auth_private.hash_password(left(coalesce(password, ''), 18));
  return false;
end
$$;

comment on function auth_private.password_matches is
  'Whether the password is the one that was hashed. Takes as long for a missing hash as for a wrong password.';
