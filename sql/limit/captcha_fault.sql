-- The gateway has asked the captcha's provider; what follows from its verdict is decided
-- here. Admins need no captcha, as programs can solve none.

create or replace function auth_private.captcha_fault(captcha jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if captcha is null
    or not (select s.security_captcha_enabled from auth_private.settings s)
    or coalesce((captcha ->> 'success')::boolean, false)
  then
    return null;
  end if;
  if jsonb_typeof(captcha -> 'bearer') = 'object' then
    begin
      perform auth_private.admit_admin(captcha -> 'bearer');
      return null;
    exception when sqlstate 'PT403' then
      -- Whoever shows a token that is no admin's is asked like everybody.
    end;
  end if;

  if captcha ->> 'success' is null then
    return auth_private.refused('captcha_unverified');
  end if;
  return auth_private.refused('captcha_failed', array[(
    select coalesce(string_agg(error, ', '), '')
    from jsonb_array_elements_text(captcha -> 'error_codes') error
  )]);
end
$$;

comment on function auth_private.captcha_fault is
  'The refusal of a request that the captcha stops; null for others. captcha is what the gateway found out: bearer, the claims of the request''s token if it has one; success, null if the provider could not be asked; error_codes. Null where no captcha is asked for.';
