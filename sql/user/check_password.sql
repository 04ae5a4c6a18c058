-- bcrypt reads 72 bytes and ignores the rest, so a longer password is refused and not
-- cut: otherwise every tail would open the door.

create or replace function auth_private.check_password(password text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  fail_closed constant boolean := (
    select s.password_hibp_enabled and s.password_hibp_fail_closed from auth_private.settings s);
  weakness jsonb;
begin
  if octet_length(auth_private.normal_password(password)) > 72 then
    perform auth_private.refuse('password_too_long');
  end if;

  if fail_closed and current_setting('request.pwned', true) = 'unknown' then
    perform auth_private.refuse('password_unverified');
  end if;

  weakness := auth_private.password_weakness(password);
  if weakness is not null then
    perform auth_private.refuse('weak_password', array[weakness ->> 'message'],
      hint => (select string_agg(r, ',') from jsonb_array_elements_text(weakness -> 'reasons') r));
  end if;
end
$$;

comment on function auth_private.check_password is
  'Passes a password that may be set. Refuses: password_too_long, weak_password with the reasons as hint, unexpected_failure where password_hibp_fail_closed asks for a verdict that the gateway could not get.';
