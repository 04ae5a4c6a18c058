-- Whether a password has leaked is known to another site, which a database can not ask. The
-- gateway does, and says it in request.pwned: true, false or unknown.

create or replace function auth_private.password_weakness(password text)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings record;
  sets text[];
  wanted text;
  reasons text[] := '{}';
  messages text[] := '{}';
begin
  select s.password_min_length, s.password_required_characters, s.password_hibp_enabled
  into strict settings
  from auth_private.settings s;

  if octet_length(password) < settings.password_min_length then
    reasons := reasons || 'length'::text;
    messages := messages || format(
      'Password should be at least %s characters.', settings.password_min_length);
  end if;

  -- A colon that belongs to a set is written \: and is put aside while splitting.
  sets := string_to_array(
    replace(settings.password_required_characters, '\:', chr(1)), ':');
  sets := array(
    select replace(part, chr(1), ':') from unnest(sets) part where part <> '');
  -- Set by set, since a query would show the password to a server that logs plans.
  foreach wanted in array sets loop
    if translate(password, wanted, '') = password then
      reasons := reasons || 'characters'::text;
      messages := messages || format(
        'Password should contain at least one character of each: %s.',
        array_to_string(sets, ', '));
      exit;
    end if;
  end loop;

  if settings.password_hibp_enabled and current_setting('request.pwned', true) = 'true' then
    reasons := reasons || 'pwned'::text;
    messages := messages ||
      'Password is known to be weak and easy to guess, please choose a different one.'::text;
  end if;

  if reasons = '{}' then
    return null;
  end if;
  return jsonb_build_object('message', array_to_string(messages, ' '), 'reasons', reasons);
end
$$;

comment on function auth_private.password_weakness is
  'Why the settings find a password weak: {"message", "reasons"}; null where they do not. That a password has leaked (password_hibp_enabled) is found in requests to the gateway only: from psql and through PostgREST nobody is asked.';
