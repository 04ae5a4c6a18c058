create or replace function auth_private.open_flow(
  user_id uuid,
  method text,
  code_challenge text,
  code_challenge_method text
)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with opened as (
    insert into auth.flow_state (
      id, user_id, code_challenge_method, code_challenge, provider_type,
      authentication_method, created_at, updated_at
    )
    select
      gen_random_uuid(), open_flow.user_id,
      lower(open_flow.code_challenge_method)::auth.code_challenge_method,
      open_flow.code_challenge, 'email', open_flow.method, now(), now()
    where open_flow.code_challenge <> ''
    returning id
  )
  select exists (select from opened)
$$;

comment on function auth_private.open_flow is
  'Remembers the challenge of a PKCE flow that a mailed link will end; false where there is no challenge.';
