-- Over HTTP the gateway has refused more than this: whatever is not https, or leads into its own
-- network. In psql a site on this machine will do, for trying things out.

create or replace function auth_private.check_custom_urls(provider auth.custom_oauth_providers)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  good constant text := '^(https://[^/]|http://'
    || '(localhost|127[.]0[.]0[.]1|[[]::1[]]|host[.]docker[.]internal)(:[0-9]+)?(/|$))';
  said record;
begin
  for said in
    select u.name
    from (
      values ('issuer', provider.issuer), ('discovery_url', provider.discovery_url),
        ('authorization_url', provider.authorization_url), ('token_url', provider.token_url),
        ('userinfo_url', provider.userinfo_url), ('jwks_uri', provider.jwks_uri)
    ) u (name, url)
    where u.url !~ good or char_length(u.url) > 2048
  loop
    perform auth_private.refuse('custom_provider_url', array[said.name]);
  end loop;
end
$$;

comment on function auth_private.check_custom_urls is
  'Passes addresses by https, or by http on this machine, of at most 2048 characters. Refuses: validation_failed.';
