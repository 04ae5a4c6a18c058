create or replace function auth_private.factors_json(user_id uuid)
returns jsonb
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'id', f.id,
      'created_at', auth_private.rfc3339(f.created_at),
      'updated_at', auth_private.rfc3339(f.updated_at),
      'status', f.status,
      'friendly_name', nullif(f.friendly_name, ''),
      'factor_type', f.factor_type,
      'phone', coalesce(f.phone, '')
    )) || jsonb_build_object('last_challenged_at', auth_private.rfc3339(f.last_challenged_at))
    order by f.created_at, f.id)
  from auth.mfa_factors f
  where f.user_id = factors_json.user_id
$$;

comment on function auth_private.factors_json is
  'A user''s second factors in the shape of the API, oldest first; null for none.';
