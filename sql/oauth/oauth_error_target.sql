create or replace function auth_private.oauth_error_target(
  target text,
  status integer,
  code text,
  message text,
  in_fragment boolean
)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.url_with(oauth_error_target.target, said.it,
    case when oauth_error_target.in_fragment
      then jsonb_strip_nulls(said.it) || '{"sb": ""}' end)
  from (
    select jsonb_strip_nulls(jsonb_build_object(
      'error', case
        when code in ('signup_disabled', 'user_banned', 'provider_email_needs_verification')
          then 'access_denied'
        else coalesce(auth_private.oauth_error(oauth_error_target.status), 'server_error')
      end,
      'error_code', oauth_error_target.code,
      'error_description', oauth_error_target.message)) as it
  ) said
$$;

comment on function auth_private.oauth_error_target is
  'A URL that tells a refusal in its query, and in its fragment if asked for.';
