create or replace function auth_private.identities_json(user_id uuid)
returns jsonb
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'identity_id', i.id,
      'id', i.provider_id,
      'user_id', i.user_id,
      'provider', i.provider,
      'last_sign_in_at', auth_private.rfc3339(i.last_sign_in_at),
      'created_at', auth_private.rfc3339(i.created_at),
      'updated_at', auth_private.rfc3339(i.updated_at),
      'email', nullif(i.email, '')
    )) || jsonb_build_object('identity_data', i.identity_data)
    order by i.created_at, i.id), '[]')
  from auth.identities i
  where i.user_id = identities_json.user_id
$$;

comment on function auth_private.identities_json is
  'A user''s identities in the shape of the API, oldest first.';
