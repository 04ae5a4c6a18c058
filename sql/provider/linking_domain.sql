-- Identities are linked by e-mail address within one domain only: an organisation's own sign-in
-- does not speak for the rest of the world, nor the other way round.

create or replace function auth_private.linking_domain(provider text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when provider like 'sso:%' then provider
    else coalesce(
      (
        select substring(btrim(entry) from '[:=]([^:=]*)$')
        from string_to_table(s.experimental_provider_linking_domains, ',') entry
        where substring(btrim(entry) from '^(.*)[:=][^:=]*$') = provider
        limit 1
      ),
      case when provider = any (s.experimental_providers_with_own_linking_domain)
        then provider end,
      'default')
  end
  from auth_private.settings s
$$;

comment on function auth_private.linking_domain is
  'The domain within which identities of a provider are linked by e-mail address: default for most.';
