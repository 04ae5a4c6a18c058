-- What the world may know of a user's row. Hashes and tokens are never in it. One expression,
-- so that it melts into a query over many users.

create or replace function auth_private.bare_user_json(u auth.users)
returns jsonb
language sql stable
return jsonb_strip_nulls(jsonb_build_object(
    'id', u.id,
    'aud', coalesce(u.aud, ''),
    'role', coalesce(u.role, ''),
    'email', coalesce(u.email, ''),
    'email_confirmed_at', auth_private.rfc3339(u.email_confirmed_at),
    'invited_at', auth_private.rfc3339(u.invited_at),
    'phone', coalesce(u.phone, ''),
    'phone_confirmed_at', auth_private.rfc3339(u.phone_confirmed_at),
    'confirmation_sent_at', auth_private.rfc3339(u.confirmation_sent_at),
    'confirmed_at', auth_private.rfc3339(u.confirmed_at),
    'recovery_sent_at', auth_private.rfc3339(u.recovery_sent_at),
    'new_email', nullif(u.email_change, ''),
    'email_change_sent_at', auth_private.rfc3339(u.email_change_sent_at),
    'new_phone', nullif(u.phone_change, ''),
    'phone_change_sent_at', auth_private.rfc3339(u.phone_change_sent_at),
    'reauthentication_sent_at', auth_private.rfc3339(u.reauthentication_sent_at),
    'last_sign_in_at', auth_private.rfc3339(u.last_sign_in_at),
    'created_at', auth_private.rfc3339(u.created_at),
    'updated_at', auth_private.rfc3339(u.updated_at),
    'banned_until', auth_private.rfc3339(u.banned_until),
    'deleted_at', auth_private.rfc3339(u.deleted_at),
    'is_anonymous', u.is_anonymous
  ))
  || jsonb_build_object(
    'app_metadata', coalesce(u.raw_app_meta_data, '{}'),
    'user_metadata', coalesce(u.raw_user_meta_data, '{}')
  );

comment on function auth_private.bare_user_json is
  'A user in the shape of the API, without identities and factors.';
