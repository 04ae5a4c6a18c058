-- Changes the configuration of a built-in site. All faults are told at once, each with what is
-- allowed, and then nothing is changed. Faults never quote a secret.

create or replace function auth.configure_provider(provider text, changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  change record;
  fault boolean;
  faults text[] := '{}';
begin
  if not exists (
    select from auth_private.providers p where p.name = configure_provider.provider
  ) then
    perform auth_private.refuse('settings_invalid', array[
      format('%s is not a provider', configure_provider.provider)]);
  end if;

  for change in
    select c.key as name, c.value #>> '{}' as value, jsonb_typeof(c.value) as json,
      a.atttypid::regtype as type, col_description(a.attrelid, a.attnum) as allowed
    from jsonb_each(configure_provider.changes) c
    left join pg_attribute a on a.attrelid = 'auth_private.providers'::regclass
      and a.attname = c.key and a.attnum > 0 and not a.attisdropped and a.attname <> 'name'
    order by c.key
  loop
    if change.type is null then
      faults := faults || format('%s has no %s', configure_provider.provider, change.name);
      continue;
    end if;
    fault := case
      when change.name = 'url' then change.value <> '' and not auth_private.is_site(change.value)
      when change.name = 'redirect_uri' then change.value !~ '^(|https?://[^/[:space:]].*)$'
      when change.type = 'text'::regtype then change.json not in ('string', 'null')
      when change.type = 'text[]'::regtype
        then auth_private.setting_list(configure_provider.changes -> change.name) is null
      else false
    end;
    begin
      if not fault then
        execute format('update auth_private.providers set %1$I = $1::%2$s where name = $2',
          change.name, change.type)
        using case
          when change.type = 'text[]'::regtype
            then auth_private.setting_list(configure_provider.changes -> change.name)::text
          else coalesce(change.value, '')
        end, configure_provider.provider;
      end if;
    exception when data_exception then
      fault := true;
    end;
    if fault then
      faults := faults || format('%s of %s may not be %s. %s', change.name,
        configure_provider.provider, case change.name when 'secret' then 'that'
          else format('"%s"', change.value) end, change.allowed);
    end if;
  end loop;

  if faults <> '{}' then
    perform auth_private.refuse('settings_invalid', array[array_to_string(faults, E'\n')]);
  end if;
  return (
    select to_jsonb(p) - 'secret' || jsonb_build_object('has_secret', p.secret <> '')
    from auth_private.providers p
    where p.name = configure_provider.provider
  );
end
$$;

comment on function auth.configure_provider is
  'Configures a built-in site to sign in with, as auth.configure_provider(''google'', {"enabled": true, "client_id": "…", "secret": "…"}): enabled, client_id (a list), secret, redirect_uri, url, email_optional, skip_nonce_check, as GOTRUE_EXTERNAL_<PROVIDER>_… says them. Live at once. Returns the configuration without its secret. Refuses unknown names and bad values, all together: settings_invalid. For the owner.';
