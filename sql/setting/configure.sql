-- Changes settings by name. All faults are told at once, each with what is allowed,
-- and then nothing is changed.

create or replace function auth.configure(changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  change record;
  faults text[] := '{}';
begin
  for change in
    select c.key as name, c.value #>> '{}' as value, a.atttypid::regtype as type,
      col_description(a.attrelid, a.attnum) as allowed, a.attnotnull as required
    from jsonb_each(configure.changes) c
    left join pg_attribute a on a.attrelid = 'auth_private.settings'::regclass
      and a.attname = c.key and a.attnum > 0 and not a.attisdropped and a.attname <> 'singleton'
    order by c.key
  loop
    if change.type is null then
      faults := faults || format('%s is not a setting', change.name);
      continue;
    end if;
    begin
      execute format('update auth_private.settings set %I = $1::%s', change.name, change.type)
      using case
        when change.type in ('text[]'::regtype, 'cidr[]'::regtype)
          then auth_private.setting_list(configure.changes -> change.name)::text
        when change.type = 'interval'::regtype
          then auth_private.setting_duration(change.value)::text
        when change.value = '' and not change.required then null
        else change.value
      end;
      -- A glob that can't be read would fail every request that names a target.
      perform '' ~ auth_private.glob_to_regex(pattern)
      from auth_private.settings s, unnest(s.uri_allow_list) pattern;
    exception when data_exception or integrity_constraint_violation then
      faults := faults || format('%s may not be "%s". %s', change.name,
        case when change.name ~ 'secrets?$' then '…' else change.value end, change.allowed);
    end;
  end loop;

  faults := faults || (
    select array_agg(format('jwt_valid_methods may not be "%s". The key in use signs by %s.',
      array_to_string(s.jwt_valid_methods, ','), k.alg))
    from auth_private.settings s
    join auth_private.signing_keys k on k.status = 'in_use'
    where s.jwt_valid_methods <> '{}' and k.alg <> all (s.jwt_valid_methods)
  );
  if faults <> '{}' then
    perform auth_private.refuse('settings_invalid', array[array_to_string(faults, E'\n')]);
  end if;
  return (select to_jsonb(s) - 'singleton' from auth_private.settings s);
end
$$;

comment on function auth.configure is
  'Changes settings: an object of name to value, as {"site_url": "https://example.com"}. Lists are arrays or separated by commas, durations as 1m30s. Returns all settings. Refuses unknown names and bad values, all together: settings_invalid. For the owner.';
