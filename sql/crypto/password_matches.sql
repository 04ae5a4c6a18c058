-- A hash that was made elsewhere may be of the password as it was typed, so that is tried
-- where it is not the normal form.
--
-- Whoever has no password, a hash that is not bcrypt or a password that bcrypt would
-- cut costs as much time as a wrong password, so the answer's delay tells nothing.

create or replace function auth_private.password_matches(password text, hash text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- $2b$ and $2y$ are other programs' names for what pgcrypto calls $2a$.
  bcrypt constant text := regexp_replace(hash, '^\$2[by]\$', '$2a$');
  usable constant boolean := bcrypt ~ '^\$2a\$[0-9]{2}\$[./A-Za-z0-9]{53}$';
  normal constant text := auth_private.normal_password(password);
  spelling text;
begin
  foreach spelling in array array_remove(array[normal, nullif(password, normal)], null) loop
    if usable and octet_length(spelling) <= 72 then
      if auth_private.bcrypt(spelling, bcrypt) = bcrypt then
        return true;
      end if;
    else
      perform auth_private.hash_password(left(spelling, 18));
    end if;
  end loop;

  if password is null then
    perform auth_private.hash_password('');
  end if;
  return false;
end
$$;

comment on function auth_private.password_matches is
  'Whether the password is the one that was hashed. Takes as long for a missing hash as for a wrong password.';
