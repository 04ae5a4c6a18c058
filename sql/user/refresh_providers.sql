create or replace function auth_private.refresh_providers(user_id uuid)
returns auth.users
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update auth.users u
  set raw_app_meta_data = coalesce(u.raw_app_meta_data, '{}')
    || jsonb_build_object('providers', coalesce(known.providers, '[]'))
    || case
      when known.providers is null then '{}'
      else jsonb_build_object('provider', known.providers -> 0)
    end
  from (
    select jsonb_agg(p.provider order by p.first_at, p.provider) as providers
    from (
      select i.provider, min(i.created_at) as first_at
      from auth.identities i
      where i.user_id = refresh_providers.user_id
      group by i.provider
    ) p
  ) known
  where u.id = refresh_providers.user_id
  returning u.*
$$;

comment on function auth_private.refresh_providers is
  'Writes the providers of a user''s identities into app_metadata, the oldest as provider.';
