create or replace function auth_private.session_claims(session auth.sessions, u auth.users)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_strip_nulls(jsonb_build_object(
      'iss', nullif(s.jwt_issuer, ''),
      'amr', (
        select jsonb_agg(jsonb_build_object(
            'method', m.authentication_method,
            'timestamp', extract(epoch from m.updated_at)::bigint
          ) order by m.updated_at desc, m.authentication_method)
        from auth.mfa_amr_claims m
        where m.session_id = session.id
      )
    ))
    || jsonb_build_object(
      'sub', u.id,
      'aud', coalesce(u.aud, ''),
      'iat', extract(epoch from now())::bigint,
      'exp', least(
        extract(epoch from now())::bigint + s.jwt_exp,
        case when s.sessions_allow_low_aal is not null and auth_private.lacks_factor(session)
          then extract(epoch from session.created_at + s.sessions_allow_low_aal)::bigint end
      ),
      'email', coalesce(u.email, ''),
      'phone', coalesce(u.phone, ''),
      'app_metadata', coalesce(u.raw_app_meta_data, '{}'),
      'user_metadata', coalesce(u.raw_user_meta_data, '{}'),
      'role', coalesce(u.role, ''),
      'aal', session.aal,
      'session_id', session.id,
      'is_anonymous', u.is_anonymous
    )
  from auth_private.settings s
$$;

comment on function auth_private.session_claims is
  'The claims of an access token for this session of this user, issued now; times in Unix seconds.';
