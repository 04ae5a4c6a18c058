create or replace function auth_private.sessions_json(user_id uuid)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id,
    'created_at', auth_private.rfc3339(s.created_at),
    'last_used_at', auth_private.rfc3339(auth_private.session_used_at(s, older.used_at)),
    'not_after', auth_private.rfc3339(s.not_after),
    'aal', s.aal,
    'user_agent', s.user_agent,
    'ip', host(s.ip),
    'current', s.id is not distinct from auth.session_id()
  ) order by s.created_at desc, s.id), '[]')
  from auth.sessions s
  cross join lateral (
    select max(r.updated_at) as used_at from auth.refresh_tokens r where r.session_id = s.id
  ) older
  where s.user_id = sessions_json.user_id
    and auth_private.session_fault(s, older.used_at) is null
$$;

comment on function auth_private.sessions_json is
  'The sessions of a user that are not over, the newest first, in the shape of the API.';
